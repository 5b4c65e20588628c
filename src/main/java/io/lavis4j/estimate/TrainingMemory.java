package io.lavis4j.estimate;

import io.lavis4j.estimate.Pass.Moment;
import io.lavis4j.tensor.GradientCheckpoint;
import java.util.ArrayList;
import java.util.List;

/**
 * A training step after the first, which makes the optimizer's state.
 *
 * @param how the model computes
 * @param weights of its parts
 * @param step what is done
 */
record TrainingMemory(Arithmetic how, PartWeights weights, Step step) {

    /**
     * What a step is made of.
     *
     * @param batchSize samples, B
     * @param amp mixed precision
     * @param accumulates whether gradients of earlier batches are there
     * @param inBackward whether gradients are taken into parameters while others are computed
     */
    record Step(int batchSize, boolean amp, boolean accumulates, boolean inBackward) {}

    Pass pass() {
        var parts = parts();
        if (step.inBackward()) {
            long all = parts.stream().mapToLong(Part::gradients).sum();
            parts.replaceAll(Part::withoutGradients);
            parts.add(Part.ofGradients("gradients at once", Math.min(all, weights.gradientsAtOnce())));
        }
        return new Pass("training", step.batchSize(), parts, moments(parts.get(0), parts));
    }

    /** The vision encoder first. */
    private List<Part> parts() {
        var vision = vision();
        var parts = new ArrayList<Part>();
        parts.add(vision);
        parts.add(Part.training("Q-Former", weights.qformer(), how.castsQFormer(), qformer()));
        if (how.firstStage()) {
            parts.add(Part.training("heads", weights.projection(), how.castsQFormer(), 0));
        } else {
            long kept = how.learned(step.batchSize()).kept();
            parts.add(Part.training("language model", weights.language(), false, kept));
            parts.add(Part.training("projection", weights.projection(), how.castsQFormer(), 0));
        }
        parts.add(Part.withoutWeights("logits", how.learnedLogits(how.targets(step.batchSize()))));
        parts.add(Part.withoutWeights("images", MemoryEstimate.images(how.shape(), step.batchSize())));
        return parts;
    }

    private boolean recomputes() {
        return how.shape().blip2().useGradCheckpoint();
    }

    private boolean keepsProducts() {
        return how.shape().blip2().recomputeGranularity() == GradientCheckpoint.Granularity.SELECTIVE;
    }

    private boolean frozen() {
        return how.shape().blip2().freezeVit();
    }

    private Part vision() {
        var activations = how.vision(step.batchSize());
        long recomputed = activations.inputs() + (keepsProducts() ? activations.products() : 0);
        long kept = frozen() ? 0 : recomputes() ? recomputed : activations.kept();
        return Part.training("vision encoder", weights.vision(), how.castsVision(), kept);
    }

    /** The Q-Former, with the image tokens that it reads; the first stage joins those of its pairs in a copy. */
    private long qformer() {
        int B = step.batchSize();
        long kept = how.normedTokens(B) + how.imageTokens(B);
        for (var pass : how.qformer(B)) {
            kept += pass.kept();
        }
        return how.firstStage() ? kept + Arithmetic.PAIRS * how.imageTokens(B) : kept;
    }

    /**
     * Gradients come as activations go, so memory is at its most where either begins. Where blocks are recomputed,
     * copies of their weights last until forward ends.
     */
    private List<Moment> moments(Part vision, List<Part> parts) {
        long lasting = parts.stream().mapToLong(Part::lasting).sum();
        long gradients = parts.stream().mapToLong(Part::gradients).sum();
        long forward = parts.stream()
                .mapToLong(part -> part.casts() + part.activations())
                .sum();
        long images = MemoryEstimate.images(how.shape(), step.batchSize());
        var moments = new ArrayList<Moment>();
        moments.add(new Moment("when backward begins", lasting + forward + (step.accumulates() ? gradients : 0)));
        long block = 0;
        if (!frozen()) {
            block = how.vision(step.batchSize()).backward();
            long kept = vision.activations() + (recomputes() ? block : vision.casts() + block / 2);
            long before = gradients - (step.accumulates() ? 0 : vision.gradients());
            moments.add(new Moment("when backward comes to the vision encoder", lasting + before + kept + images));
        }
        moments.add(new Moment("when backward ends", lasting + gradients + block + images));
        return moments;
    }
}
