package io.lavis4j.optim;

import io.lavis4j.tensor.Operator;
import io.lavis4j.tensor.Tensors;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Clips the norm of all gradients together (arXiv:1211.5063, section 3.2), as {@code torch.nn.utils.clip_grad_norm_}.
 */
public final class GradNorm {

    private static final Operator FOREACH_MUL = new Operator("aten::_foreach_mul_", "Tensor");

    private GradNorm() {}

    /** Multiplies all gradients by one number so that their norm is at most {@code bound}; reads nothing back. */
    public static void clip(List<Tensor> gradients, double bound) {
        if (gradients.isEmpty()) {
            return;
        }
        try (var scope = new PointerScope()) {
            var norms = gradients.stream().map(Tensor::norm).toArray(Tensor[]::new);
            var total = torch.stack(new TensorVector(norms)).norm();
            var factor = total.add(Tensors.scalar(1e-6)).reciprocal().mul(Tensors.scalar(bound));
            FOREACH_MUL.call(gradients, factor.clamp_max(Tensors.scalar(1)));
        }
    }
}
