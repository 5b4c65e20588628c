package io.lavis4j.nn;

import static org.bytedeco.pytorch.global.torch.conv2d;

import io.lavis4j.tensor.Autocast;
import io.lavis4j.tensor.LayerOutputs;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A convolution whose stride is its kernel size, without padding: the patch embedding of a ViT. */
public final class Conv2d extends Module {

    private final Tensor weight;
    private final @Nullable Tensor bias;
    private final long kernel;

    /** A layer with keys {@code weight} (out, in, kernel, kernel) and, with {@code bias}, {@code bias} (out). */
    public Conv2d(long in, long out, long kernel, boolean bias) {
        this.weight = parameter("weight", out, in, kernel, kernel);
        this.bias = bias ? parameter("bias", out) : null;
        this.kernel = kernel;
    }

    /**
     * Embeds patches.
     *
     * @param x (B, in, Y, X)
     * @return (B, (Y/kernel)(X/kernel), out), patches by row
     */
    public Tensor forward(Tensor x) {
        var y = conv2d(
                Autocast.match(x, weight),
                weight,
                Tensors.optional(bias),
                new long[] {kernel, kernel},
                new long[] {0, 0},
                new long[] {1, 1},
                1); // (B, out, Y/kernel, X/kernel)
        return LayerOutputs.of(weight, y.flatten(2, 3).transpose(1, 2)); // (B, N, out)
    }

    /** PyTorch's own initialisation: weight and bias uniform in +-1/sqrt(fan in). */
    @Override
    public void initialize() {
        double bound = 1 / Math.sqrt((double) weight.size(1) * kernel * kernel);
        Init.uniform(weight, bound);
        if (bias != null) {
            Init.uniform(bias, bound);
        }
    }
}
