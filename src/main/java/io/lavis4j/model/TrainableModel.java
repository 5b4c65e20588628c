package io.lavis4j.model;

import io.lavis4j.distributed.Gather;
import io.lavis4j.tensor.Precision;
import org.bytedeco.pytorch.Tensor;

/** A model that learns from images and texts, LAVIS's {@code forward}. */
public interface TrainableModel extends BaseModel {

    /** Texts of a batch as this model takes them: tokens, padding, labels. Opaque to loaders and tasks. */
    interface Prepared {

        /**
         * The training loss.
         *
         * @param image (B, 3, S, S), float32, on the model's device; the caller's scope owns the result
         * @throws IllegalArgumentException if the numbers of images and texts differ
         */
        Losses loss(Tensor image);
    }

    /**
     * Tokenizes, pads and labels; makes no tensor. Runs on several loader threads at once.
     *
     * @throws IllegalArgumentException if a text cannot be learned
     */
    Prepared prepare(Texts texts);

    /** The training loss: {@link #prepare} and {@link Prepared#loss} at once. */
    default Losses forward(Tensor image, Texts texts) {
        return prepare(texts).loss(image);
    }

    /**
     * Joins the batches of processes that train together, for losses that compare samples with one another; in training
     * they then take the samples of all.
     */
    default void joinBatches(Gather gather) {}

    /**
     * Mixed precision of training on a GPU, where a run names no other: fp16, LAVIS's, whose gradients are scaled,
     * bf16, or fp32 for none.
     */
    Precision precision();

    /** Backward from a loss, or a multiple of one. */
    void backward(Tensor loss);
}
