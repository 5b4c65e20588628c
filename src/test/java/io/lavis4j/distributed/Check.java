package io.lavis4j.distributed;

import java.nio.file.Path;

/** What each of several processes does to find whether they work together. */
@FunctionalInterface
public interface Check {

    /**
     * Fails if they do not.
     *
     * @param processes all of which do this
     * @param folder that all see, empty at first
     */
    void run(Processes processes, Path folder) throws Exception;
}
