package io.lavis4j.runner;

import io.lavis4j.dataset.Batch;
import io.lavis4j.dataset.BatchLoader;
import io.lavis4j.io.Listing;
import io.lavis4j.model.Losses;
import io.lavis4j.optim.GradNorm;
import io.lavis4j.runner.OnNonFinite.Policy;
import io.lavis4j.tensor.LayerOutputs;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The place where the first number comes from that is not finite. The batches of the update that broke go through the
 * model once more, whose parameters are those of then; dropout draws other numbers.
 */
record Culprit(TrainStep step) {

    /**
     * The error that ends a run.
     *
     * @param losses names of those that were not finite; empty where only gradients were not
     * @param first batch of the update, counted from the first of the run, from 0
     * @param count batches of the update, which may go on in the next epoch of the data
     */
    IllegalStateException error(List<String> losses, BatchLoader loader, long first, int count) {
        int perEpoch = loader.batchesPerEpoch();
        var policy = step.onNonFinite();
        return new IllegalStateException("step %d of epoch %d is not finite in %s: %s. %s; %s"
                .formatted(
                        first % perEpoch + 1,
                        first / perEpoch,
                        losses.isEmpty() ? "a gradient" : String.join(", ", losses),
                        place(loader, first, count),
                        policy.policy() == Policy.STOP
                                ? "The update was left out and checkpoints are intact"
                                : "It is one of more than run.max_non_finite_steps=%d updates in a row that were left out; checkpoints are intact"
                                        .formatted(policy.maxSteps()),
                        advice(policy)));
    }

    private String advice(OnNonFinite policy) {
        var ways = new ArrayList<>(List.of("lower run.init_lr", "raise run.warmup_steps", "set run.grad_norm_clip"));
        if (step.amp() == Precision.FP16) {
            ways.add("set run.amp_dtype=bf16, whose range is fp32's");
        }
        if (policy.policy() == Policy.STOP) {
            ways.add("leave such updates out with run.on_non_finite=skip");
        }
        return String.join(", or ", ways);
    }

    private String place(BatchLoader loader, long first, int count) {
        var parameter = firstNotFinite(step.model().module().stateDict());
        if (parameter != null) {
            return "parameter %s is not finite itself".formatted(parameter);
        }
        step.forgetGradients();
        try (var batches = new TrainingBatches(loader, first, first + count)) {
            for (int i = 0; i < count; i++) {
                try (var batch = batches.next();
                        var scope = new PointerScope()) {
                    var found = place(batch);
                    if (found != null) {
                        return found;
                    }
                }
            }
        }
        return "with other dropout its batches are finite";
    }

    private @Nullable String place(Batch batch) {
        var images = new ArrayList<String>();
        for (int b = 0; b < batch.size(); b++) {
            if (!batch.hasFeatures(b) && !isFinite(batch.image().select(0, b))) {
                images.add(batch.instanceIds().get(b));
            }
        }
        var found = step.agreed(
                images.isEmpty()
                        ? null
                        : "the images of the samples %s are not finite".formatted(Listing.ofIds(images)));
        return found == null ? insideTheModel(batch) : found;
    }

    /** All processes come as far, as those that compare samples of all wait for one another. */
    private @Nullable String insideTheModel(Batch batch) {
        var search = new OutputSearch(step.model().module().namedParameters());
        var losses = new Losses[1];
        LayerOutputs.watch(search::see, () -> losses[0] = step.forward(batch));
        var found = agreed(search.found, batch);
        if (found == null) {
            found = agreed(firstNotFinite(losses[0]), batch);
        }
        if (found == null) {
            step.backward(losses[0].total());
            found = agreed(gradient(), batch);
        }
        return found;
    }

    private @Nullable String agreed(@Nullable String found, Batch batch) {
        return step.agreed(
                found == null ? null : "%s, for the samples %s".formatted(found, Listing.ofIds(batch.instanceIds())));
    }

    private static @Nullable String firstNotFinite(Losses losses) {
        for (var part : losses.parts().entrySet()) {
            if (!isFinite(part.getValue())) {
                return "every layer's output is finite, %s is the first that is not".formatted(part.getKey());
            }
        }
        return isFinite(losses.total()) ? null : "every layer's output is finite, the loss is not";
    }

    /** Backward comes to the last parameters first. */
    private @Nullable String gradient() {
        var parameters =
                new ArrayList<>(step.model().module().trainableParameters().entrySet());
        Collections.reverse(parameters);
        try {
            for (var parameter : parameters) {
                var gradient = parameter.getValue().grad();
                if (gradient.defined() && !isFinite(gradient)) {
                    return "forward is finite, and the gradient of %s is the first in backward that is not"
                            .formatted(parameter.getKey());
                }
            }
            var gradients = parameters.stream()
                    .map(parameter -> parameter.getValue().grad())
                    .filter(Tensor::defined)
                    .toList();
            return isFinite(GradNorm.of(gradients, step.model().module().device()))
                    ? null
                    : "forward and each gradient are finite, and the norm of all gradients is above 1e19";
        } finally {
            step.forgetGradients();
        }
    }

    private static @Nullable String firstNotFinite(Map<String, Tensor> tensors) {
        try (var scope = new PointerScope()) {
            return tensors.entrySet().stream()
                    .filter(tensor -> !isFinite(tensor.getValue()))
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .orElse(null);
        }
    }

    private static boolean isFinite(Tensor tensor) {
        return tensor.isfinite().all().item_bool();
    }

    /** Keeps the first layer whose output is not finite. */
    private static final class OutputSearch {

        private final IdentityHashMap<Tensor, String> names = new IdentityHashMap<>();
        private @Nullable String found;

        OutputSearch(Map<String, Tensor> parameters) {
            parameters.forEach((name, parameter) -> names.put(parameter, name));
        }

        void see(Tensor weight, Tensor output) {
            if (found == null && !isFinite(output)) {
                String name = names.getOrDefault(weight, "an unnamed parameter");
                found = "the output of %s, whose parameter is %s, %s, is the first that is not finite"
                        .formatted(name.substring(0, Math.max(0, name.lastIndexOf('.'))), name, Tensors.shape(weight));
            }
        }
    }
}
