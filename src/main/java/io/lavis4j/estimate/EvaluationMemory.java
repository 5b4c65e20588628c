package io.lavis4j.estimate;

import io.lavis4j.estimate.Pass.Moment;
import java.util.ArrayList;
import java.util.List;

/**
 * The evaluation of a batch: its loss, and words written for it.
 *
 * @param how the model computes
 * @param weights of its parts
 * @param batch what is done
 * @param inTraining whether the optimizer's state is there, too
 */
record EvaluationMemory(Arithmetic how, PartWeights weights, Batch batch, boolean inTraining) {

    /** Tokens by which the cache of written ones grows. */
    private static final long GROWTH = 32;

    /**
     * A batch.
     *
     * @param size samples, B
     * @param promptTokens that each of them continues
     * @param numBeams hypotheses of a sample
     * @param maxLength tokens that are written
     */
    record Batch(int size, int promptTokens, int numBeams, int maxLength) {

        long rows() {
            return (long) size * numBeams;
        }
    }

    Pass pass() {
        var vision = how.vision(batch.size());
        var queries = how.qformer(batch.size()).get(0);
        var language = how.learned(batch.size());
        long tokens = how.imageTokens(batch.size());
        var parts = new ArrayList<Part>();
        parts.add(part("vision encoder", weights.vision(), how.castsVision(), vision.passing(), 0));
        if (how.firstStage()) {
            parts.add(
                    part("Q-Former", weights.qformer(), how.castsWhileWriting(), queries.passing() + tokens, cache()));
            parts.add(part("heads", weights.projection(), false, 0, 0));
        } else {
            parts.add(part("Q-Former", weights.qformer(), how.castsWhileWriting(), queries.passing() + tokens, 0));
            parts.add(part("language model", weights.language(), false, language.passing(), cache()));
            parts.add(part("projection", weights.projection(), how.castsWhileWriting(), 0, 0));
        }
        long loss = how.learnedLogits(how.targets(batch.size())), written = how.logits(batch.rows());
        long images = MemoryEstimate.images(how.shape(), batch.size());
        parts.add(Part.withoutWeights("logits", Math.max(loss, written)));
        parts.add(Part.withoutWeights("images", images));

        long casts = parts.stream().mapToLong(Part::casts).sum();
        long castsWhileWriting = how.castsWhileWriting() ? casts : 0;
        long lasting = images + parts.stream().mapToLong(Part::lasting).sum();
        var moments = List.of(
                new Moment("while images are encoded", lasting + casts + vision.passing()),
                new Moment("while queries read images", lasting + tokens + queries.passing()),
                new Moment("while losses are computed", lasting + tokens + Math.max(language.passing(), loss)),
                new Moment("while words are written", lasting + castsWhileWriting + tokens + cache() + written));
        return new Pass("evaluation", batch.size(), parts, moments);
    }

    private Part part(String name, Weights of, boolean halfPrecision, long activations, long cache) {
        return Part.evaluation(name, of, inTraining, halfPrecision, activations, cache);
    }

    /** Keys and values: of what each sample reads, once, and of what its rows write, in room that grows by steps. */
    private long cache() {
        long read = how.queries() + (long) batch.promptTokens(), written = batch.maxLength();
        long perToken = how.language(batch.size(), read, written).cachedPerToken();
        long room = (written + GROWTH - 1) / GROWTH * GROWTH;
        return perToken * (batch.size() * read + batch.rows() * room);
    }
}
