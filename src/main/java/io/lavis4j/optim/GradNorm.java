package io.lavis4j.optim;

import io.lavis4j.tensor.Operator;
import io.lavis4j.tensor.Tensors;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Clips the norm of all gradients together (arXiv:1211.5063, section 3.2), as {@code torch.nn.utils.clip_grad_norm_}.
 */
public final class GradNorm {

    private static final Operator FOREACH_NORM = new Operator("aten::_foreach_norm", "Scalar");
    private static final Operator FOREACH_MUL = new Operator("aten::_foreach_mul_", "Tensor");

    private GradNorm() {}

    /** Multiplies all gradients by one number so that their norm is at most {@code bound}; reads nothing back. */
    public static void clip(List<Tensor> gradients, double bound) {
        if (gradients.isEmpty()) {
            return;
        }
        try (var scope = new PointerScope()) {
            var alike = Alike.lists(gradients, gradient -> gradient);
            var device = gradients.get(0).device();
            var norms = new TensorVector();
            for (var list : alike) {
                for (var norm : FOREACH_NORM.tensors(list, Tensors.scalar(2), ScalarType.Float)) {
                    norms.push_back(norm.to(device, ScalarType.Float));
                }
            }
            var total = torch.stack(norms).norm();
            var factor = total.add(Tensors.scalar(1e-6)).reciprocal().mul(Tensors.scalar(bound));
            var atMostOne = factor.clamp_max(Tensors.scalar(1));
            for (var list : alike) {
                FOREACH_MUL.call(list, atMostOne.to(list.get(0).device(), ScalarType.Float));
            }
        }
    }
}
