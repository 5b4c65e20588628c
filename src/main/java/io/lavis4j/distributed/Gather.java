package io.lavis4j.distributed;

import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.TensorTensorHook;
import org.jspecify.annotations.Nullable;

/**
 * Joins the rows of all processes' batches in a forward pass, for losses that compare samples with one another. Every
 * process joins as many rows, in the same order.
 *
 * <p>Gradients are joined in backward, one after the other as backward comes to them; {@link GradientBuckets} leaves
 * the group to them until the last of a step has come.
 */
public final class Gather implements AutoCloseable {

    private static final Gather ALONE = new Gather(Processes.alone());

    private final Processes processes;
    private final List<Joining> hooks = new ArrayList<>();
    private final Set<Joining> awaited = new HashSet<>();
    private @Nullable Tensor handedOut;

    /** A gather among processes, which stay the caller's. */
    public Gather(Processes processes) {
        this.processes = processes;
    }

    /** The batch of a process without others: everything stays as it is. */
    public static Gather alone() {
        return ALONE;
    }

    /**
     * Places of the own rows among those of all processes.
     *
     * @param rows (B, ...)
     * @return (B), int64
     */
    public Tensor ownRows(Tensor rows) {
        long B = rows.size(0);
        return Tensors.range(processes.rank() * B, (processes.rank() + 1) * B, rows.device());
    }

    /**
     * Rows of all processes in the order of their ranks, without a gradient.
     *
     * @param rows (B, ...)
     * @return (W B, ...), W processes
     */
    public Tensor values(Tensor rows) {
        var own = rows.detach();
        return processes.world() == 1 ? own : cat(processes.gather(own.contiguous()));
    }

    /**
     * The same, and each process's rows get the sum of the gradients that all processes find for them. Where losses are
     * means over as many rows in each process and gradients are averaged, parameters thus get the gradient of one
     * process with the joined batch.
     *
     * @param rows (B, ...)
     * @return (W B, ...), not to be changed in place
     */
    public Tensor joined(Tensor rows) {
        if (processes.world() == 1) {
            return rows;
        }
        var all = new ArrayList<>(processes.gather(rows.detach().contiguous()));
        all.set(processes.rank(), rows);
        var joined = cat(all);
        if (GradMode.is_enabled() && joined.requires_grad()) {
            var hook = new Joining();
            hook.retainReference(); // libtorch keeps only its address
            hooks.add(hook);
            awaited.add(hook);
            joined.register_hook(hook);
        }
        return joined;
    }

    private static Tensor cat(List<Tensor> rows) {
        return Tensors.cat(0, rows.toArray(Tensor[]::new));
    }

    /** Whether backward has gradients to join before it. */
    boolean isAwaited() {
        return !awaited.isEmpty();
    }

    /** Frees what the forward passes of a step have left; none of them goes backward any more. */
    @Override
    public void close() {
        awaited.clear();
        hooks.forEach(TensorTensorHook::close);
        hooks.clear();
        handOut(null);
    }

    /** Keeps a hook's result until the next one: libtorch copies it only when the call has returned. */
    private @Nullable Tensor handOut(@Nullable Tensor result) {
        if (handedOut != null) {
            handedOut.close();
        }
        handedOut = result;
        return result;
    }

    /** The gradient hook of joined rows. */
    private final class Joining extends TensorTensorHook {

        @Override
        public TensorBase call(TensorBase gradient) {
            try (gradient) { // made for this call
                var sum = Scopes.retained(() -> new Tensor(gradient).clone());
                processes.sum(sum);
                awaited.remove(this);
                handOut(sum);
                return sum;
            }
        }
    }
}
