package io.lavis4j.dataset;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/** Results of other threads, their failures rethrown in the thread that waits. */
public final class Awaited {

    private Awaited() {}

    /** The result of a task, or its failure in this thread. */
    public static <T> T result(FutureTask<T> task) {
        try {
            return task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for a batch", e);
        } catch (ExecutionException e) {
            throw rethrown(e.getCause());
        }
    }

    /** The same failure in this thread, with the worker's stack trace kept. */
    private static RuntimeException rethrown(@Nullable Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException failure ? failure : new IllegalStateException(cause);
    }
}
