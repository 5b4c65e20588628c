package io.lavis4j.nn;

import static org.bytedeco.pytorch.global.torch.rand;

import io.lavis4j.tensor.Tensors;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Stochastic depth (arXiv:1603.09382): in training a sample's residual branch is left out with probability
 * {@code rate}.
 */
public final class DropPath {

    private DropPath() {}

    /**
     * The rate of each block of a network, rising linearly from 0 to {@code rate}, in float32 steps as the reference's
     * {@code linspace}.
     */
    public static double[] rates(double rate, int depth) {
        return IntStream.range(0, depth)
                .mapToDouble(i -> depth == 1 ? 0 : (float) (rate * i / (depth - 1)))
                .toArray();
    }

    /**
     * Drops the branch of some samples and scales the others by 1/(1 - rate).
     *
     * @param branch (B, ...)
     * @return {@code branch} itself when {@code rate} is 0 or not in training
     */
    public static Tensor apply(Tensor branch, double rate, boolean training) {
        if (rate == 0 || !training) {
            return branch;
        }
        double keep = 1 - rate;
        long[] perSample = new long[branch.shape().length];
        Arrays.fill(perSample, 1);
        perSample[0] = branch.size(0);
        var mask = rand(perSample, Tensors.options(branch.device(), Tensors.dtype(branch)))
                .add_(Tensors.scalar(keep))
                .floor_(); // (B, 1, ..., 1), 0 or 1
        return branch.div(Tensors.scalar(keep)).mul(mask);
    }
}
