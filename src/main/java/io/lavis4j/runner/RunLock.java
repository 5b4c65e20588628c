package io.lavis4j.runner;

import io.lavis4j.io.WriteLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Says that a process is writing a run, so that no other one goes on with it meanwhile; given up when the process ends,
 * however that comes about.
 */
final class RunLock implements AutoCloseable {

    private final FileChannel file;

    private RunLock(FileChannel file) {
        this.file = file;
    }

    /**
     * Takes the lock of a run.
     *
     * @throws IllegalStateException if somebody has it
     */
    static RunLock take(RunDirectory run) {
        var lock = takeIfFree(run);
        if (lock == null) {
            throw new IllegalStateException(
                    "%s is being written by another process; wait for it, or end it, and go on then"
                            .formatted(run.path().toAbsolutePath()));
        }
        return lock;
    }

    /** Whether somebody has the lock of a run. */
    static boolean isTaken(RunDirectory run) {
        try (var lock = takeIfFree(run)) {
            return lock == null;
        }
    }

    private static @Nullable RunLock takeIfFree(RunDirectory run) {
        try {
            var file = FileChannel.open(run.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (WriteLock.take(file)) {
                return new RunLock(file);
            }
            file.close();
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(run.lock() + " cannot be opened (" + e + ")", e);
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the lock of a run cannot be given up (" + e + ")", e);
        }
    }
}
