package io.lavis4j.nn;

import io.lavis4j.tensor.DropoutMask;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Dropout (arXiv:1207.0580), scaled in training. On a CPU its random numbers are not those of {@code torch.dropout}.
 */
public final class Dropout {

    private Dropout() {}

    /**
     * Makes values 0 with probability {@code p} and divides the others by 1 - p.
     *
     * @param x any shape
     * @return the values of {@code x} when {@code p} is 0 or not in training
     */
    public static Tensor dropout(Tensor x, double p, boolean training) {
        if (p == 0 || !training) {
            return new Tensor(x);
        }
        return x.is_cpu() ? x.mul(DropoutMask.draw(x.shape(), p).to(Tensors.dtype(x))) : torch.dropout(x, p, true);
    }
}
