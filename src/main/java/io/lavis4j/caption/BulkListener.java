package io.lavis4j.caption;

/** Follows captioning; called on its thread after each batch. */
@FunctionalInterface
public interface BulkListener {

    /** A total that is not known. */
    long UNKNOWN = -1;

    /**
     * Where captioning stands.
     *
     * @param done images that are written, by an earlier process, too
     * @param total images of this process, estimated from the part of the input that has been read; {@link #UNKNOWN}
     *     where that is not known
     */
    void progress(long done, long total);
}
