package io.lavis4j.generate;

import java.util.List;
import java.util.function.Consumer;

/**
 * How a language model is searched or sampled; the names are Hugging Face's, the defaults of {@link #lavis()} LAVIS's.
 *
 * @param doSample draws tokens instead of taking the best; nucleus sampling (arXiv:1904.09751) where topP is below 1
 * @param numBeams running hypotheses per sample, K; 1 is greedy search or plain sampling
 * @param maxLength tokens of a result, the initial ids and the end token included
 * @param minLength tokens, initial ids included, before which the end token is forbidden; 0 and 1 forbid nothing
 * @param topP in [0, 1], used in sampling only: keeps the fewest tokens whose probability reaches it; 1 keeps all
 * @param topK used in sampling only: keeps that many tokens; 0 keeps all
 * @param temperature used in sampling only: divides the scores
 * @param repetitionPenalty divides positive and multiplies negative scores of the ids a row already has
 *     (arXiv:1909.05858, section 4.1); scores are logits with one beam and log-probabilities, never positive, with more
 * @param lengthPenalty exponent of the length that divides a hypothesis' log-probability: 0 ranks by the sum, positive
 *     values favour long results, negative ones short
 * @param numReturnSequences results per sample: at most numBeams of them, or, with one beam, as many as are drawn
 * @param suppressTokens ids that are never chosen
 */
public record GenerationConfig(
        boolean doSample,
        int numBeams,
        int maxLength,
        int minLength,
        double topP,
        int topK,
        double temperature,
        double repetitionPenalty,
        double lengthPenalty,
        int numReturnSequences,
        List<Long> suppressTokens) {

    public GenerationConfig {
        suppressTokens = List.copyOf(suppressTokens);
        check(numBeams >= 1, "numBeams of at least 1", numBeams);
        check(maxLength >= 1, "maxLength of at least 1", maxLength);
        check(minLength >= 0, "minLength of at least 0", minLength);
        check(topP >= 0 && topP <= 1, "topP in [0, 1]", topP);
        check(topK >= 0, "topK of at least 0", topK);
        check(temperature > 0, "a positive temperature", temperature);
        check(repetitionPenalty > 0, "a positive repetitionPenalty", repetitionPenalty);
        check(Double.isFinite(lengthPenalty), "a finite lengthPenalty", lengthPenalty);
        check(numReturnSequences >= 1, "numReturnSequences of at least 1", numReturnSequences);
        check(suppressTokens.stream().allMatch(id -> id >= 0), "suppressTokens of the vocabulary", suppressTokens);
        if (numBeams > 1 && numReturnSequences > numBeams) {
            throw new IllegalArgumentException("expected numReturnSequences of at most numBeams, which is %d, got %d"
                    .formatted(numBeams, numReturnSequences));
        }
        if (numBeams == 1 && !doSample && numReturnSequences > 1) {
            throw new IllegalArgumentException("greedy search has one result, expected numReturnSequences 1, got %d"
                    .formatted(numReturnSequences));
        }
    }

    /**
     * The defaults of LAVIS's {@code generate}: five beams and up to 30 tokens.
     *
     * <p>Sampling with it is beam sampling; nucleus sampling as usually understood wants {@code withNumBeams(1)} too.
     */
    public static GenerationConfig lavis() {
        return new GenerationConfig(false, 5, 30, 1, 0.9, 50, 1, 1, 1, 1, List.of());
    }

    /** The same, drawing tokens or not. */
    public GenerationConfig withDoSample(boolean value) {
        return with(edit -> edit.doSample = value);
    }

    /** The same with that many running hypotheses per sample; 1 is greedy search or plain sampling. */
    public GenerationConfig withNumBeams(int value) {
        return with(edit -> edit.numBeams = value);
    }

    /** The same with results of at most that many tokens, initial ids included. */
    public GenerationConfig withMaxLength(int value) {
        return with(edit -> edit.maxLength = value);
    }

    /** The same without end tokens in the first {@code value - 1} tokens, initial ids included. */
    public GenerationConfig withMinLength(int value) {
        return with(edit -> edit.minLength = value);
    }

    /** The same sampling from the smallest set of that probability. */
    public GenerationConfig withTopP(double value) {
        return with(edit -> edit.topP = value);
    }

    /** The same sampling from that many tokens; 0 is all. */
    public GenerationConfig withTopK(int value) {
        return with(edit -> edit.topK = value);
    }

    /** The same with scores divided by {@code value} before sampling. */
    public GenerationConfig withTemperature(double value) {
        return with(edit -> edit.temperature = value);
    }

    /** The same with that penalty on the ids a row already has; 1 is none. */
    public GenerationConfig withRepetitionPenalty(double value) {
        return with(edit -> edit.repetitionPenalty = value);
    }

    /** The same ranking hypotheses by log-probability over length to that power. */
    public GenerationConfig withLengthPenalty(double value) {
        return with(edit -> edit.lengthPenalty = value);
    }

    /** The same with that many results per sample. */
    public GenerationConfig withNumReturnSequences(int value) {
        return with(edit -> edit.numReturnSequences = value);
    }

    /** The same without these tokens, whatever their scores. */
    public GenerationConfig withSuppressTokens(List<Long> value) {
        return with(edit -> edit.suppressTokens = value);
    }

    private GenerationConfig with(Consumer<Edit> change) {
        var edit = new Edit(this);
        change.accept(edit);
        return edit.done();
    }

    /** The components, open to change. */
    private static final class Edit {
        private boolean doSample;
        private int numBeams;
        private int maxLength;
        private int minLength;
        private double topP;
        private int topK;
        private double temperature;
        private double repetitionPenalty;
        private double lengthPenalty;
        private int numReturnSequences;
        private List<Long> suppressTokens;

        Edit(GenerationConfig from) {
            doSample = from.doSample;
            numBeams = from.numBeams;
            maxLength = from.maxLength;
            minLength = from.minLength;
            topP = from.topP;
            topK = from.topK;
            temperature = from.temperature;
            repetitionPenalty = from.repetitionPenalty;
            lengthPenalty = from.lengthPenalty;
            numReturnSequences = from.numReturnSequences;
            suppressTokens = from.suppressTokens;
        }

        GenerationConfig done() {
            return new GenerationConfig(
                    doSample,
                    numBeams,
                    maxLength,
                    minLength,
                    topP,
                    topK,
                    temperature,
                    repetitionPenalty,
                    lengthPenalty,
                    numReturnSequences,
                    suppressTokens);
        }
    }

    private static void check(boolean holds, String expected, Object found) {
        if (!holds) {
            throw new IllegalArgumentException("expected %s, got %s".formatted(expected, found));
        }
    }
}
