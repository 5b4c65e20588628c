package io.lavis4j.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;

/**
 * The lock of a file that one process writes at a time. It is given up when the file is closed, and when the process
 * ends, however that comes about.
 */
public final class WriteLock {

    private WriteLock() {}

    /**
     * Takes the lock of a file.
     *
     * @return whether it is this process's; where the file system has no locks nobody is kept out
     */
    public static boolean take(FileChannel file) {
        try {
            return file.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        } catch (IOException e) {
            return true; // there are no locks here
        }
    }
}
