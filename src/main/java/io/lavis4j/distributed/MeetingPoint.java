package io.lavis4j.distributed;

import io.lavis4j.config.ConfigException;
import io.lavis4j.tensor.Libtorch;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.SizeTPointer;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.PrefixStore;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.StringVector;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;

/**
 * A connection to the store that the processes of a run share, c10d's TCPStore: short texts by name. One thread uses
 * it; a process has several.
 */
final class MeetingPoint implements AutoCloseable {

    static {
        Libtorch.load();
    }

    private static final String OURS = "lavis4j/";

    private final TCPStore store;
    private final String prefix;

    private MeetingPoint(TCPStore store, Rendezvous rendezvous) {
        this.store = store;
        prefix = rendezvous.prefix() + OURS;
    }

    /**
     * Opens the store, in the process that keeps it, and connects to it. Waits for the host up to a limit; a rank that
     * is taken, and processes of another number, are found here.
     *
     * @throws ConfigException if there is nobody, or the port cannot be had
     */
    static MeetingPoint open(Rendezvous rendezvous, Duration limit) {
        try {
            return new MeetingPoint(store(rendezvous, limit, true), rendezvous);
        } catch (RuntimeException e) { // c10d's errors have no type of their own
            throw new ConfigException(List.of(explained(rendezvous, limit, firstLine(e))));
        }
    }

    private static String explained(Rendezvous rendezvous, Duration limit, String error) {
        if (rendezvous.keepsStore()) {
            return "MASTER_PORT is %d, and rank 0 cannot keep a store at %s:%d (%s); expected a port that nobody uses, on this machine"
                    .formatted(rendezvous.port(), rendezvous.host(), rendezvous.port(), error);
        }
        return ("MASTER_ADDR and MASTER_PORT are %s and %d, and nobody answered there within %d s (%s); expected rank 0,"
                        + " which has the same values on the machine of that name, or longer: run.dist_join_seconds")
                .formatted(rendezvous.host(), rendezvous.port(), limit.toSeconds(), error);
    }

    private static String firstLine(RuntimeException error) {
        return String.valueOf(error.getMessage()).lines().findFirst().orElse("no reason given");
    }

    /** A further connection. */
    static MeetingPoint connect(Rendezvous rendezvous, Duration limit) {
        return new MeetingPoint(store(rendezvous, limit, false), rendezvous);
    }

    /**
     * A backend with a connection of its own, under the names that {@code torch.distributed.init_process_group} gives
     * it, so that processes of Python's may be in the group.
     *
     * @param device cpu or cuda
     * @param backend makes it of its store
     */
    static <B> B backend(Rendezvous rendezvous, Duration limit, String device, Function<Store, B> backend) {
        Store store = store(rendezvous, limit, false);
        for (String prefix : List.of(rendezvous.prefix(), "default_pg", "0/", device + "/")) {
            store = prefix.isEmpty() ? store : handOver(store, inner -> new PrefixStore(prefix, inner));
        }
        return handOver(store, backend);
    }

    /** A store belongs to the first native object that takes it, even if that fails. */
    private static <T> T handOver(Store store, Function<Store, T> taker) {
        store.retainReference(); // deallocate(false) leaves it to a scope around, which would free it too
        try {
            return taker.apply(store);
        } finally {
            store.deallocate(false);
        }
    }

    /** @param first counts this process, for a Python process that keeps the store and waits for all to be counted */
    private static TCPStore store(Rendezvous rendezvous, Duration limit, boolean first) {
        try (var scope = new PointerScope()) {
            boolean keeps = first && rendezvous.keepsStore();
            var options = new TCPStoreOptions()
                    .port((short) rendezvous.port())
                    .isServer(keeps)
                    .waitWorkers(first && !keeps)
                    .numWorkers(new SizeTPointer(1).put(rendezvous.world()))
                    .timeout(new Milliseconds(limit.toMillis()));
            return new TCPStore(rendezvous.host(), options).retainReference();
        }
    }

    void set(String key, String text) {
        store.set(prefix + key, text);
    }

    /** Sets a text if there is none; returns the one that is there. */
    String setIfAbsent(String key, String text) {
        return store.compareSet(prefix + key, "", text);
    }

    boolean has(String key) {
        try (var keys = new StringVector(prefix + key)) {
            return store.check(keys);
        }
    }

    /** A text that is there; it is waited for. */
    String get(String key) {
        return store.get_to_str(prefix + key);
    }

    @Override
    public void close() {
        store.close();
    }
}
