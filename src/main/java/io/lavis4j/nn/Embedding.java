package io.lavis4j.nn;

import static org.bytedeco.pytorch.global.torch.embedding;

import io.lavis4j.tensor.LayerOutputs;
import org.bytedeco.pytorch.Tensor;

/** A table of vectors, one per id. */
public final class Embedding extends Module {

    private final Tensor weight;
    private final boolean tied;

    /** A table with key {@code weight} (count, width). */
    public Embedding(long count, long width) {
        this.weight = parameter("weight", count, width);
        tied = false;
    }

    /** A table that belongs to another module too. */
    public Embedding(Tensor tiedWeight) {
        this.weight = parameter("weight", tiedWeight);
        tied = true;
    }

    /**
     * Looks ids up.
     *
     * @param ids int64, any shape, below the table's length
     * @return (..., width)
     */
    public Tensor forward(Tensor ids) {
        return LayerOutputs.of(weight, embedding(weight, ids));
    }

    /** The table (count, width). */
    public Tensor weight() {
        return weight;
    }

    @Override
    public void initialize() {
        initializeNormal(1);
    }

    @Override
    public void initializeNormal(double std) {
        if (!tied) {
            Init.normal(weight, std);
        }
    }
}
