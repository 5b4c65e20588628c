package io.lavis4j.nn;

import static org.bytedeco.pytorch.global.torch.mv;

import io.lavis4j.tensor.Activation;
import io.lavis4j.tensor.Autocast;
import io.lavis4j.tensor.DenseLayer;
import io.lavis4j.tensor.LayerOutputs;
import io.lavis4j.tensor.StoredWeight;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tensor.UnreadProduct;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** A dense layer, {@code y = x W^T + b}. */
public final class Linear extends Module {

    /** What the name of a weight in int8 gets to be that of its steps. */
    static final String SCALE = "_scale";

    private final Tensor weight;
    private final @Nullable Tensor bias;
    private final boolean tied;
    private @Nullable StoredWeight stored;
    private @Nullable Tensor scale;

    /** A layer with keys {@code weight} (out, in) and, with {@code bias}, {@code bias} (out). */
    public Linear(long in, long out, boolean bias) {
        this.weight = parameter("weight", out, in);
        this.bias = bias ? parameter("bias", out) : null;
        tied = false;
    }

    /** A layer without bias whose weight belongs to another module too. */
    public Linear(Tensor tiedWeight) {
        this.weight = parameter("weight", tiedWeight);
        this.bias = null;
        tied = true;
    }

    /**
     * Applies the layer in the weight's dtype.
     *
     * @param x (..., in); converted to the weight's dtype, unless autocast decides
     * @return (..., out)
     */
    public Tensor forward(Tensor x) {
        return forward(x, bias);
    }

    /** Applies the layer, and then an activation, which a CPU computes in the same pass where no gradient is needed. */
    public Tensor forward(Tensor x, Activation activation) {
        return forward(x, bias, activation, null);
    }

    /**
     * Adds the layer's output, in the same pass as {@linkplain #forward(Tensor, Activation) an activation}.
     *
     * @param residual (..., out)
     * @param x (..., in)
     * @return (..., out), {@code residual + x W^T + b}
     */
    public Tensor addTo(Tensor residual, Tensor x) {
        return forward(x, bias, Activation.NONE, residual);
    }

    /**
     * Applies the layer where it ends a block that gradient checkpointing may run again: then its output has
     * {@linkplain UnreadProduct other values}, which nobody is to read.
     *
     * @param x (..., in)
     * @return (..., out)
     */
    public Tensor forwardLast(Tensor x) {
        var unread = unread(x);
        return unread == null ? forward(x) : unread;
    }

    /** {@link #addTo} where it ends such a block, as {@link #forwardLast}. */
    public Tensor addLastTo(Tensor residual, Tensor x) {
        var unread = unread(x);
        return unread == null ? addTo(residual, x) : residual.add(unread);
    }

    private @Nullable Tensor unread(Tensor x) {
        return stored == null ? UnreadProduct.of(x, weight, bias) : null;
    }

    /**
     * Applies the layer to rows that an affine map is still to be applied to.
     *
     * @param x (..., in), in the weight's dtype, without autocast
     * @param before the map; {@code null} for none
     * @return (..., out)
     */
    public Tensor forwardAfter(@Nullable Affine before, Tensor x) {
        if (before == null) {
            return forward(x);
        }
        if (stored != null) {
            return forward(before.of(x));
        }
        var shift = mv(weight, before.shift()); // (out)
        return apply(x, weight.mul(before.scale()), bias == null ? shift : shift.add(bias));
    }

    /** Applies the layer with a bias from outside, (out), converted like {@code x}. */
    public Tensor forward(Tensor x, @Nullable Tensor outerBias) {
        return forward(x, outerBias, Activation.NONE, null);
    }

    private Tensor forward(Tensor x, @Nullable Tensor outerBias, Activation activation, @Nullable Tensor residual) {
        if (stored == null) {
            return DenseLayer.apply(x, weight, outerBias, activation, residual);
        }
        return DenseLayer.follow(LayerOutputs.of(weight, stored.product(x, outerBias)), activation, residual);
    }

    /**
     * Stores the weight in bfloat16 or, with a key {@code weight_scale} (out), in int8, and so what is loaded later;
     * the layer then computes in the type of its input. A tied weight, whose rows are read too, is not stored in int8
     * but in bfloat16, unless it has 16 bits already.
     *
     * @param name the layer's in its model, for errors; empty if it is alone
     * @throws IllegalStateException if the layer is trained
     */
    void store(String name, ScalarType dtype) {
        if (isTrained()) {
            throw new IllegalStateException(
                    "a layer that is trained cannot be stored in %s, as an optimizer's steps are smaller than what its numbers can take; freeze it first"
                            .formatted(dtype));
        }
        if (dtype == ScalarType.Char && !tied) {
            scale = parameter("weight" + SCALE, weight.size(0));
            scale.set_requires_grad(false);
            stored = new StoredWeight(weight, scale);
            if (Init.isUnset(weight)) {
                Init.replace(weight, t -> t.to(dtype));
            } else {
                StoredWeight.quantize(name.isEmpty() ? "weight" : name + ".weight", weight, weight, scale);
            }
        } else if (Tensors.dtype(weight) == ScalarType.Float) {
            stored = new StoredWeight(weight, null);
            Init.replace(weight, t -> t.to(ScalarType.BFloat16));
        }
    }

    /**
     * {@code x W^T + b} for a weight that is not a layer's own.
     *
     * @param x (..., in); converted to the weight's dtype, as {@code bias} is, unless autocast decides
     * @param weight (out, in)
     * @param bias (out)
     * @return (..., out)
     */
    public static Tensor apply(Tensor x, Tensor weight, @Nullable Tensor bias) {
        return DenseLayer.apply(x, weight, bias, Activation.NONE, null);
    }

    /** The type in which the layer computes: its weight's, and float32 if it is {@linkplain #store stored} in less. */
    public ScalarType dtype() {
        return Autocast.dtype(weight, stored == null ? Tensors.dtype(weight) : ScalarType.Float);
    }

    /** The weight (out, in). */
    public Tensor weight() {
        return weight;
    }

    /** PyTorch's own initialisation: weight and bias uniform in +-1/sqrt(in). */
    @Override
    public void initialize() {
        double bound = 1 / Math.sqrt(weight.size(1));
        initialize(w -> Init.uniform(w, bound), b -> Init.uniform(b, bound));
    }

    @Override
    public void initializeNormal(double std) {
        initialize(w -> Init.normal(w, std), b -> Init.constant(b, 0));
    }

    /** Weight truncated normal with mean 0, bias 0. */
    public void initializeTruncatedNormal(double std) {
        initialize(w -> Init.truncatedNormal(w, std), b -> Init.constant(b, 0));
    }

    private void initialize(Consumer<Tensor> ofWeight, Consumer<Tensor> ofBias) {
        if (scale != null) {
            try (var scope = new PointerScope()) {
                var values = Init.unset(weight.shape());
                ofWeight.accept(values);
                StoredWeight.quantize("weight", values, weight, scale);
            }
        } else if (!tied) {
            ofWeight.accept(weight);
        }
        if (bias != null) {
            ofBias.accept(bias);
        }
    }

    @Override
    public void close() {
        super.close();
        if (stored != null) {
            stored.close();
        }
    }
}
