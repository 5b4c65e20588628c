package io.lavis4j.optim;

import static io.lavis4j.io.Arguments.require;

import io.lavis4j.tensor.GradientHooks;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tensor.Trace;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * AdamW's step while backward goes on (arXiv:2306.09782, section 3.1): gradients that have come are taken into their
 * parameters as soon as they fill a bucket, and are gone, so that those of all parameters are never there at once. The
 * numbers are those of a step after backward, bit for bit.
 *
 * <p>libtorch adds a gradient to its parameter when all that the graph does with the parameter is behind it. Where a
 * parameter is used in several graphs, as that of two recomputed blocks would be, its gradient comes in parts, and the
 * step ends with an error at the second one.
 *
 * <p>From the first bucket on that has a gradient that is not finite nothing is updated in the step.
 */
public final class BackwardSteps implements AutoCloseable {

    /** Gradients are kept up to so many bytes, or, if it alone has more, those of one parameter. */
    public static final long BUCKET_BYTES = 32L << 20;

    private final AdamW optimizer;
    private final long bucketBytes;
    private final List<Tensor> parameters;
    private final List<String> names;
    private final Device device;
    private final GradientHooks hooks;
    private final @Nullable Tensor[] norms;
    private final BitSet come = new BitSet();
    private final List<Integer> bucket = new ArrayList<>();
    private long bytes;
    private @Nullable Tensor isBad;
    private @Nullable Tensor isLeftOut;

    /**
     * What a step has found.
     *
     * @param gradNorm norm of all gradients together, scalar, float32
     * @param isBad (1), float32: 1 if a gradient was not finite, so that not all parameters were updated
     */
    public record Outcome(Tensor gradNorm, Tensor isBad) {}

    /**
     * Steps of an optimizer, which stays the caller's and is in this process alone.
     *
     * @throws IllegalArgumentException if its parameters are on several devices, or of several types
     */
    public BackwardSteps(AdamW optimizer) {
        this(optimizer, BUCKET_BYTES);
    }

    BackwardSteps(AdamW optimizer, long bucketBytes) {
        this.optimizer = optimizer;
        this.bucketBytes = bucketBytes;
        parameters = optimizer.parameters();
        names = optimizer.names();
        require(
                Alike.lists(parameters, parameter -> parameter).size() == 1,
                "a step in backward takes parameters of one device and type, got %s",
                parameters.isEmpty() ? "none" : "several of them");
        device = parameters.get(0).device();
        norms = new Tensor[parameters.size()];
        hooks = new GradientHooks(parameters, this::comes);
    }

    /**
     * Goes backward and updates every parameter that gets a gradient. No parameter has one before, and none after.
     *
     * <p>An error in backward leaves some parameters updated and others not.
     *
     * @param isLeftOut (1), float32: 1 if nothing is to be updated
     * @param backward adds gradients
     * @return in the caller's scope
     * @throws IllegalStateException if the gradient of a parameter comes in parts
     */
    public Outcome run(Tensor isLeftOut, Runnable backward) {
        var bad = torch.zeros(new long[] {1}, Tensors.options(device, ScalarType.Float));
        try {
            this.isBad = bad;
            this.isLeftOut = isLeftOut;
            backward.run();
            update();
            var all = come.stream()
                    .mapToObj(i -> norms[i])
                    .filter(Objects::nonNull)
                    .toList();
            return new Outcome(GradNorm.ofNorms(all, device), bad);
        } finally {
            end();
        }
    }

    private void end() {
        isBad = null;
        isLeftOut = null;
        come.clear();
        bucket.clear();
        bytes = 0;
        for (int i = 0; i < norms.length; i++) {
            var norm = norms[i];
            if (norm != null) {
                norm.close();
                norms[i] = null;
            }
        }
    }

    /** The gradient of a parameter is there, and is added to the parameter after this call. */
    private void comes(int index) {
        if (isBad == null) {
            return; // a backward of others
        }
        if (come.get(index)) {
            throw new IllegalStateException(
                    ("the gradient of %s comes in parts, as it is used in several recomputed blocks or in one and outside: it"
                                    + " cannot be updated in backward; set run.optimizer_in_backward=False, or"
                                    + " model.use_grad_checkpoint=False")
                            .formatted(names.get(index)));
        }
        long size = parameters.get(index).nbytes();
        if (bytes + size > bucketBytes) {
            update();
        }
        come.set(index);
        bucket.add(index);
        bytes += size;
    }

    /** Takes the gradients of the bucket into the parameters and frees them. */
    private void update() {
        var bad = Objects.requireNonNull(isBad);
        try (var span = Trace.span("optimizer");
                var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            var gradients = new ArrayList<Tensor>();
            var found = new ArrayList<Integer>();
            for (int i : bucket) {
                var gradient = parameters.get(i).grad();
                if (gradient.defined()) {
                    gradients.add(gradient);
                    found.add(i);
                }
            }
            var each = GradNorm.each(gradients, device);
            for (int i = 0; i < each.size(); i++) {
                norms[found.get(i)] = each.get(i).retainReference();
            }
            bad.copy_(bad.maximum(isNotFinite(GradNorm.ofNorms(each, device))));
            optimizer.stepSome(found, bad.maximum(Objects.requireNonNull(isLeftOut)));
            optimizer.zeroGrad(found);
        }
        bucket.clear();
        bytes = 0;
    }

    private static Tensor isNotFinite(Tensor number) {
        return number.isfinite().logical_not().to(ScalarType.Float).view(1);
    }

    /** Gradients stay with their parameters again. */
    @Override
    public void close() {
        hooks.close();
    }
}
