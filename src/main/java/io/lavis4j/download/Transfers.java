package io.lavis4j.download;

import static io.lavis4j.io.Arguments.require;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Several transfers at once. */
final class Transfers {

    private Transfers() {}

    /**
     * Runs all, so many at a time; a failure stops none of the others.
     *
     * @return the failures' messages, in the order of the tasks
     */
    static List<String> run(List<? extends Callable<?>> tasks, int jobs) throws InterruptedException {
        require(jobs >= 1, "jobs: expected at least 1, got %s", jobs);
        var threads = Executors.newFixedThreadPool(jobs, task -> {
            var thread = new Thread(task, "download");
            thread.setDaemon(true);
            return thread;
        });
        try {
            var running = new ArrayList<Future<?>>();
            tasks.forEach(task -> running.add(threads.submit(task)));
            var failures = new ArrayList<String>();
            for (var task : running) {
                try {
                    task.get();
                } catch (ExecutionException e) {
                    failures.add(message(e.getCause()));
                }
            }
            return failures;
        } finally {
            threads.shutdownNow();
        }
    }

    /** What could not be written, and why, in words. */
    static String reason(FileSystemException failure) {
        String why = failure instanceof FileAlreadyExistsException
                ? "it is a file, expected a folder"
                : Objects.requireNonNullElse(
                        failure.getReason(), failure.getClass().getSimpleName());
        return "%s cannot be written (%s)".formatted(failure.getFile(), why);
    }

    private static String message(@Nullable Throwable failure) {
        if (failure instanceof FileSystemException file) {
            return reason(file);
        }
        if (failure instanceof IOException
                || failure instanceof UncheckedIOException
                || failure instanceof IllegalArgumentException) {
            return String.valueOf(failure.getMessage());
        }
        throw new IllegalStateException("a transfer failed by a mistake in lavis4j", failure);
    }
}
