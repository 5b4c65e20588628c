package io.lavis4j.estimate;

import java.util.Comparator;
import java.util.List;

/**
 * Memory of one kind of pass, of a training step or of the evaluation of a batch.
 *
 * @param name in words
 * @param batchSize samples at a time
 * @param parts of the model, then what belongs to none
 * @param moments when memory may be at its most
 */
public record Pass(String name, int batchSize, List<Part> parts, List<Moment> moments) {

    /** What the allocator holds beyond what is asked for, as a share of what comes and goes; seen in training. */
    private static final double GAPS = 0.08;

    /**
     * The same as a share of the optimizer's state, which first comes among activations: with it a trained encoder fits
     * where libtorch's allocator has run it.
     */
    private static final double GAPS_OF_STATE = 0.16;

    /**
     * A moment in a pass.
     *
     * @param when in words
     * @param bytes of all tensors
     */
    public record Moment(String when, long bytes) {}

    public Pass {
        parts = List.copyOf(parts);
        moments = List.copyOf(moments);
    }

    /** The moment with the most memory. */
    public Moment peak() {
        return moments.stream().max(Comparator.comparingLong(Moment::bytes)).orElseThrow();
    }

    /** Bytes that a GPU's allocator loses between tensors of changing sizes. */
    public long gaps() {
        long lasting = parts.stream().mapToLong(Part::lasting).sum();
        long state = parts.stream().mapToLong(Part::optimizer).sum();
        return Math.round(GAPS * (peak().bytes() - lasting) + GAPS_OF_STATE * state);
    }
}
