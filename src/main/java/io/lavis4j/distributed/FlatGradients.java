package io.lavis4j.distributed;

import io.lavis4j.distributed.Processes.Pending;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.BitSet;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The gradients of some parameters in one tensor, on their way to their mean over processes. */
final class FlatGradients implements AutoCloseable {

    private final List<Tensor> parameters;
    private final BitSet present = new BitSet();
    private final Tensor flat;
    private final Pending mean;

    /** Takes gradients away from their parameters, zeros for those that have none, and sends them. */
    FlatGradients(Processes processes, List<Tensor> parameters) {
        this.parameters = parameters;
        flat = Scopes.retained(() -> taken().div_(Tensors.scalar(processes.world())));
        mean = processes.beginSum(flat);
    }

    private Tensor taken() {
        try (var noGrad = new NoGradGuard()) {
            var parts = new Tensor[parameters.size()];
            for (int i = 0; i < parts.length; i++) {
                var parameter = parameters.get(i);
                present.set(i, hasGradient(parameter));
                parts[i] = present.get(i)
                        ? new Tensor(parameter.grad()).reshape(parameter.numel())
                        : torch.zeros_like(parameter).view(parameter.numel());
                parameter.mutable_grad().put(new Tensor());
            }
            return Tensors.cat(0, parts);
        }
    }

    static boolean hasGradient(Tensor parameter) {
        try (var scope = new PointerScope()) {
            return parameter.grad().defined();
        }
    }

    /** Whether this process had a gradient of the parameter of this number. */
    boolean had(int index) {
        return present.get(index);
    }

    /** Waits for the means. */
    void await() {
        mean.await();
    }

    /** Adds means that came later, of the same parameters. */
    void add(FlatGradients late) {
        flat.add_(late.flat);
    }

    /** Gives parameters their means, which live as long as the gradients. */
    void giveBack(BitSet chosen) {
        long first = 0;
        for (int i = 0; i < parameters.size(); i++) {
            var parameter = parameters.get(i);
            if (chosen.get(i)) {
                parameter
                        .mutable_grad()
                        .put(flat.narrow(0, first, parameter.numel()).view(parameter.shape()));
            }
            first += parameter.numel();
        }
    }

    @Override
    public void close() {
        flat.close();
    }
}
