package io.lavis4j.distributed;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The processes that train one model together, as one of them sees them. A process alone has no group, and everything
 * here costs it nothing. Every process calls the same methods in the same order.
 */
public interface Processes extends AutoCloseable {

    /** Number of this process, from 0. */
    int rank();

    /** How many there are. */
    int world();

    /** Whether this is the one that writes files and prints. */
    default boolean isFirst() {
        return rank() == 0;
    }

    /** Waits until every process has come here. */
    void barrier();

    /** Puts the values of one process in the tensors of all, in place. */
    void broadcast(List<Tensor> tensors, int from);

    /** Puts the sum over all processes in {@code tensor}, in place. */
    void sum(Tensor tensor);

    /** Begins a {@link #sum} of a contiguous tensor, which the caller keeps and leaves alone until it has waited. */
    Pending beginSum(Tensor tensor);

    /** Work of the whole group that has begun. */
    @FunctionalInterface
    interface Pending {

        /** Waits for it; on a GPU what is computed from here on does, and the host does not. */
        void await();
    }

    /**
     * The tensors of all processes, of one shape and dtype, in the order of their ranks.
     *
     * @return tensors of the caller's scope
     */
    List<Tensor> gather(Tensor tensor);

    /** The bytes of all processes, in the order of their ranks. */
    List<byte[]> gather(byte[] bytes);

    /** Whether something is so in the first process. */
    default boolean isSoInFirst(boolean own) {
        return gather(bytes(own)).get(0)[0] != 0;
    }

    /** Whether something is so in any process. */
    default boolean isSoInAny(boolean own) {
        return gather(bytes(own)).stream().anyMatch(each -> each[0] != 0);
    }

    private static byte[] bytes(boolean own) {
        return new byte[] {(byte) (own ? 1 : 0)};
    }

    /**
     * The name of the device of this process.
     *
     * @param configured {@code run.device}; {@code cuda} is the GPU of this process's number on its machine
     */
    String device(String configured);

    /** Tells the others that this process fails, which ends them; {@link #close} follows. */
    void fail(String reason);

    @Override
    void close();

    /**
     * Joins the processes that the environment names ({@link Rendezvous}), and waits for all of them.
     *
     * @param config how
     * @param device {@code run.device}
     * @param environment variables by name
     * @param whenLost told the reason, on another thread, if another process ends, fails or gives no sign of life: this
     *     one may be waiting for it in native code, which only the end of the process ends
     * @return one process, without a group, where the environment names no others
     * @throws io.lavis4j.config.ConfigException if the environment contradicts itself, or the others do not come
     */
    static Processes join(
            GroupConfig config, String device, UnaryOperator<@Nullable String> environment, Consumer<String> whenLost) {
        var rendezvous = Rendezvous.of(environment, config.url());
        return rendezvous == null ? alone() : Group.join(rendezvous, config, device, whenLost);
    }

    /** One process. */
    static Processes alone() {
        return Alone.INSTANCE;
    }
}
