package io.lavis4j.check;

import io.lavis4j.dataset.Awaited;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.function.Function;

/** Work on all cores; an interrupt of the thread that waits for it ends it. */
final class Workers implements AutoCloseable {

    private final int count;
    private final ExecutorService threads;

    /** @param count of the threads, at least 1 */
    Workers(int count) {
        this.count = count;
        threads = Executors.newFixedThreadPool(count, work -> {
            var thread = new Thread(work, "check");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** So many things at once keep all threads busy. */
    int portion() {
        return 64 * count;
    }

    /**
     * The results in the order of the things; a failure of any is rethrown.
     *
     * @throws CancellationException if the thread was interrupted
     */
    <T, R> List<R> map(List<T> things, Function<T, R> work) {
        requireWanted();
        var tasks = things.stream()
                .map(thing -> new FutureTask<R>(() -> work.apply(thing)))
                .toList();
        tasks.forEach(threads::execute);
        return tasks.stream().map(Awaited::result).toList();
    }

    /** @throws CancellationException if the thread was interrupted */
    static void requireWanted() {
        if (Thread.currentThread().isInterrupted()) {
            throw new CancellationException("the check was interrupted");
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
