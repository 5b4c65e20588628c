package io.lavis4j.runner;

import static io.lavis4j.io.Arguments.require;

import io.lavis4j.distributed.Processes;
import io.lavis4j.model.Losses;
import io.lavis4j.optim.GradNorm;
import io.lavis4j.runner.Accumulation.Normalization;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The batches whose gradients are added up for one update. The gradients of several processes come averaged over them,
 * each process with as many batches.
 *
 * <p>Weighted by tokens, a batch goes backward with its tokens per sample as a factor, which is small, as fp16 must
 * take its multiples; when all are there, gradients are divided by the tokens per sample of all batches and processes.
 * Where samples have weights, each of their tokens counts as much as its weight says.
 *
 * <p>Difference from LAVIS: where an epoch ends with fewer batches their mean is that of as many as there are; LAVIS
 * divides by {@code accum_grad_iters} and adds the first ones of the next epoch.
 */
final class Window implements AutoCloseable {

    private final Accumulation accumulation;
    private final Tensor sums; // (2), float64: losses, weights of tokens
    private int batches;
    private int samples;
    private double weight;

    Window(Accumulation accumulation, Device device) {
        this.accumulation = accumulation;
        sums = Scopes.retained(() -> torch.zeros(new long[] {2}, Tensors.options(device, ScalarType.Double)));
    }

    /**
     * Takes a batch into account.
     *
     * @param B its samples
     * @return the loss to go backward from
     * @throws IllegalArgumentException if batches count by tokens and this loss is not a mean over them
     */
    Tensor add(Losses losses, int B) {
        var loss = losses.total();
        sums.select(0, 0).add_(loss.detach());
        samples = batches == 0 ? B : samples;
        batches++;
        weight += losses.weight();
        if (accumulation.normalization() == Normalization.TOKENS) {
            requireMeanOverTokens(losses);
            return loss.mul(Tensors.scalar(losses.weight() / (samples * accumulation.iters())));
        }
        return accumulation.iters() == 1 ? loss : loss.div(Tensors.scalar(accumulation.iters()));
    }

    private static void requireMeanOverTokens(Losses losses) {
        require(
                losses.parts().isEmpty() && losses.weight() > 0,
                "run.accum_normalization is tokens, which is for losses that are means over tokens; this model's has %s; set run.accum_normalization=mean",
                losses.parts().isEmpty()
                        ? "no tokens"
                        : "the parts " + losses.parts().keySet());
    }

    /** Batches since the last update. */
    int batches() {
        return batches;
    }

    /**
     * Ends the window: its gradients become those of one batch that has all samples.
     *
     * @param gradients of all processes, averaged
     * @return the sum of all losses of all processes, a scalar, float64
     */
    Tensor end(List<Tensor> gradients, Processes processes) {
        sums.select(0, 1).fill_(Tensors.scalar(weight));
        processes.sum(sums);
        if (accumulation.normalization() == Normalization.TOKENS) {
            double divisor = (double) samples * accumulation.iters() * processes.world();
            GradNorm.multiply(gradients, sums.select(0, 1).reciprocal().mul(Tensors.scalar(divisor)));
        } else if (batches != accumulation.iters()) {
            double factor = (double) accumulation.iters() / batches;
            GradNorm.multiply(gradients, torch.full(new long[0], Tensors.scalar(factor), sums.options()));
        }
        var loss = sums.select(0, 0).clone();
        sums.zero_();
        batches = 0;
        weight = 0;
        return loss;
    }

    @Override
    public void close() {
        sums.close();
    }
}
