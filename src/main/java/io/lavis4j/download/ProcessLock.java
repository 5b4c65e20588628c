package io.lavis4j.download;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.time.Duration;

/** A file that one process alone writes. The system unlocks that of a dead one; closing the channel does so, too. */
final class ProcessLock {

    /** After so long whoever did not get it asks again. */
    static final Duration AGAIN = Duration.ofMillis(500);

    private ProcessLock() {}

    /** Locks the file, unless somebody else has. */
    static boolean take(FileChannel file) {
        try {
            return file.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        } catch (IOException e) {
            return true; // a file system without locks
        }
    }
}
