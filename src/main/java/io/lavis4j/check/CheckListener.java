package io.lavis4j.check;

/** Follows a check, to show it. */
@FunctionalInterface
public interface CheckListener {

    /**
     * Called now and then on the thread of the check, at last with all done.
     *
     * @param where data set and split
     * @param done records that have been looked at
     * @param total records of the split
     */
    void progress(String where, long done, long total);
}
