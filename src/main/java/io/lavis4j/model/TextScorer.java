package io.lavis4j.model;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A model that says how well texts fit an image, in which a region may be marked.
 *
 * <p>In two steps, so that a matching model encodes each text once for all images, and a generative model each image
 * once for all texts.
 */
public interface TextScorer extends BaseModel {

    /** Texts that go through a model at once where nothing is said. */
    int TEXTS_PER_BATCH = 64;

    /** Texts that are ready to be compared with any number of images; used by the thread that made them. */
    interface Candidates extends AutoCloseable {

        /**
         * Scores every text with one image.
         *
         * @param image (1, 3, S, S), float32, on the model's device
         * @return one score per text, in their order; higher fits better
         */
        float[] score(Tensor image);

        /** Frees what was computed of the texts. */
        @Override
        void close();
    }

    /**
     * Does what can be done of texts without an image.
     *
     * @param texts at least one, in the form that the model learns, its prompt in front included
     * @param textsPerBatch that go through the model at once
     * @throws IllegalArgumentException if one cannot be scored
     */
    Candidates candidates(List<String> texts, int textsPerBatch);

    /** The same with {@link #TEXTS_PER_BATCH}. */
    default Candidates candidates(List<String> texts) {
        return candidates(texts, TEXTS_PER_BATCH);
    }
}
