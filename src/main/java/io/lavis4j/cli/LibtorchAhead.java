package io.lavis4j.cli;

import io.lavis4j.tensor.Libtorch;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * libtorch, which takes a second to load, loaded on a thread of its own while a command reads its configuration.
 *
 * <p>Nothing else changes: whoever needs libtorch waits for it, and is told what is wrong with it.
 */
final class LibtorchAhead implements AutoCloseable {

    private static final Set<String> COMPUTING = Set.of("train", "evaluate", "caption", "quickstart");

    private @Nullable Thread loading;

    /** Begins to load if this command computes. */
    void beginFor(String command) {
        if (COMPUTING.contains(command)) {
            loading = new Thread(LibtorchAhead::load, "loads libtorch");
            loading.setDaemon(true);
            loading.start();
        }
    }

    private static void load() {
        try {
            Libtorch.load();
        } catch (IllegalStateException | LinkageError e) {
            // told to whoever needs it
        }
    }

    /** Waits for the end of loading: a process that ends inside the dynamic linker may crash. */
    @Override
    public void close() {
        if (loading != null) {
            try {
                loading.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
