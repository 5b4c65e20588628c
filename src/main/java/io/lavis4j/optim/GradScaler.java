package io.lavis4j.optim;

import static io.lavis4j.io.Arguments.require;

import io.lavis4j.tensor.Operator;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Multiplies the loss so that half-precision gradients do not vanish (arXiv:1710.03740, section 3.2), with the defaults
 * and the state dict of {@code torch.amp.GradScaler}: 65536 at first, doubled after 2000 good steps, halved by a step
 * whose gradients are not finite, which is not taken.
 *
 * <p>Nothing is read back from the device.
 */
public final class GradScaler implements AutoCloseable {

    private static final Operator CHECK_AND_UNSCALE =
            new Operator("aten::_amp_foreach_non_finite_check_and_unscale_", "");
    private static final Operator UPDATE_SCALE = new Operator("aten::_amp_update_scale_", "");

    private final Tensor scale;
    private final Tensor growthTracker;
    private final Growth growth;

    /**
     * How the scale changes.
     *
     * @param initScale the first
     * @param factor by which it grows
     * @param backoff factor by which it shrinks
     * @param interval good steps in a row after which it grows
     */
    record Growth(double initScale, double factor, double backoff, long interval) {}

    /** A scaler whose state lies on {@code device}. */
    public GradScaler(Device device) {
        this(device, new Growth(65536, 2, 0.5, 2000));
    }

    GradScaler(Device device, Growth growth) {
        this.growth = growth;
        scale = Scopes.retained(() ->
                torch.full(new long[] {1}, Tensors.scalar(growth.initScale())).to(device, ScalarType.Float));
        growthTracker = Scopes.retained(() -> torch.zeros(new long[] {1}, Tensors.options(device, ScalarType.Int)));
    }

    /** The factor of the loss: (1), float32; stays this scaler's. */
    public Tensor scale() {
        return scale;
    }

    /** The loss to go backward from. */
    public Tensor scale(Tensor loss) {
        return loss.mul(scale.view(new long[0]));
    }

    /**
     * Divides gradients by the scale.
     *
     * @return (1), float32: 1 if one of them is not finite, else 0
     * @throws IllegalArgumentException if one is not float32: a number of 16 bits cannot take it back
     */
    public Tensor unscale(List<Tensor> gradients) {
        return Scopes.keep(() -> Alike.lists(gradients, gradient -> gradient).stream()
                .map(alike -> unscaleOnOneDevice(alike).to(scale.device(), ScalarType.Float))
                .reduce(torch::maximum)
                .orElseGet(() -> zero(scale.device())));
    }

    private Tensor unscaleOnOneDevice(List<Tensor> gradients) {
        var device = gradients.get(0).device();
        var dtype = Tensors.dtype(gradients.get(0));
        require(
                dtype == ScalarType.Float,
                "expected gradients in float32, got %s: store what is trained in fp32, or train without run.amp",
                dtype);
        var foundInf = zero(device);
        CHECK_AND_UNSCALE.call(gradients, foundInf, scale.reciprocal().to(device, ScalarType.Float));
        return foundInf;
    }

    private static Tensor zero(Device device) {
        return torch.zeros(new long[] {1}, Tensors.options(device, ScalarType.Float));
    }

    /** Adapts the scale to what {@link #unscale} found. */
    public void update(Tensor foundInf) {
        UPDATE_SCALE.call(scale, growthTracker, foundInf, growth.factor(), growth.backoff(), growth.interval());
    }

    /**
     * Whether gradients are infinite although nothing is scaled up any more, so that a smaller scale will not help.
     *
     * @param foundInf as {@link #unscale} returns it
     * @return (1), float32: 1 if it is so, else 0
     */
    public Tensor isExhausted(Tensor foundInf) {
        return foundInf.mul(scale.lt(Tensors.scalar(1)).to(ScalarType.Float));
    }

    /** The state as {@code torch.amp.GradScaler.state_dict()} has it. */
    public Map<String, Object> stateDict() {
        var state = new LinkedHashMap<String, Object>();
        state.put("scale", (double) Tensors.floats(scale)[0]);
        state.put("growth_factor", growth.factor());
        state.put("backoff_factor", growth.backoff());
        state.put("growth_interval", growth.interval());
        state.put("_growth_tracker", Tensors.longs(growthTracker)[0]);
        return state;
    }

    /** Takes over the scale and the number of good steps of a state dict; that of a disabled scaler is empty. */
    public void loadStateDict(Map<?, ?> state) {
        if (state.isEmpty()) {
            return;
        }
        if (!(state.get("scale") instanceof Number saved) || !(state.get("_growth_tracker") instanceof Number steps)) {
            throw new IllegalArgumentException(
                    "the scaler state: expected numbers in scale and _growth_tracker, got " + state);
        }
        try (var scope = new PointerScope()) {
            scale.fill_(Tensors.scalar(saved.doubleValue()));
            growthTracker.fill_(Tensors.scalar(steps.longValue()));
        }
    }

    @Override
    public void close() {
        scale.close();
        growthTracker.close();
    }
}
