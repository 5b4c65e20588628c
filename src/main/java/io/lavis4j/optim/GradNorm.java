package io.lavis4j.optim;

import io.lavis4j.tensor.Operator;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The norm of all gradients together, and the bound that clipping sets it (arXiv:1211.5063, section 3.2), as
 * {@code torch.nn.utils.clip_grad_norm_}. Nothing is read back from the device.
 */
public final class GradNorm {

    private static final Operator FOREACH_NORM = new Operator("aten::_foreach_norm", "Scalar");
    private static final Operator FOREACH_MUL = new Operator("aten::_foreach_mul_", "Tensor");

    private GradNorm() {}

    /**
     * The 2-norm of all gradients as one vector.
     *
     * @return scalar, float32, on {@code device}: not finite if a gradient is not, or if its norm is above 1e19
     */
    public static Tensor of(List<Tensor> gradients, Device device) {
        return Scopes.keep(() -> ofNorms(each(gradients, device), device));
    }

    /** The 2-norm of each gradient, scalars, float32, on {@code device}; those of one device and type side by side. */
    static List<Tensor> each(List<Tensor> gradients, Device device) {
        var norms = new ArrayList<Tensor>();
        for (var list : Alike.lists(gradients, gradient -> gradient)) {
            for (var norm : FOREACH_NORM.tensors(list, Tensors.scalar(2), ScalarType.Float)) {
                norms.add(norm.to(device, ScalarType.Float));
            }
        }
        return norms;
    }

    /** The 2-norm of gradients as one vector from the norms of each. */
    static Tensor ofNorms(List<Tensor> norms, Device device) {
        return norms.isEmpty()
                ? torch.zeros(new long[0], Tensors.options(device, ScalarType.Float))
                : torch.stack(new TensorVector(norms.toArray(Tensor[]::new))).norm();
    }

    /** Multiplies all gradients, whose norm this is, by one number so that it is at most {@code bound}. */
    public static void clip(List<Tensor> gradients, Tensor norm, double bound) {
        try (var scope = new PointerScope()) {
            var factor = norm.add(Tensors.scalar(1e-6)).reciprocal().mul(Tensors.scalar(bound));
            multiply(gradients, factor.clamp_max(Tensors.scalar(1)));
        }
    }

    /** Multiplies all gradients by a scalar. */
    public static void multiply(List<Tensor> gradients, Tensor factor) {
        try (var scope = new PointerScope()) {
            for (var list : Alike.lists(gradients, gradient -> gradient)) {
                FOREACH_MUL.call(list, factor.to(list.get(0).device(), ScalarType.Float));
            }
        }
    }
}
