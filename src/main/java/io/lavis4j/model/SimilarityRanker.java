package io.lavis4j.model;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A model that ranks images and texts for one another, LAVIS's {@code compute_sim_matrix}. */
public interface SimilarityRanker extends BaseModel {

    /**
     * A comparison of all images with all texts by cosine, whose nearest are scored again with both before the model.
     * Images are added first, then texts; rows of the two matrices are scored when they are asked for.
     */
    interface Comparison extends AutoCloseable {

        /** @param image (B, 3, S, S), float32, on the model's device */
        void add(Tensor image);

        /** Compares the images that were added. */
        void compare(List<String> texts);

        /**
         * Scores of all texts for an image, or of all images for a text: of the k most similar ones, -100 for the
         * others; higher fits better.
         *
         * @param index of the image or text
         */
        float[] scores(int index, boolean ofImage);

        @Override
        void close();
    }

    /** @param kTest how many of each are scored again, k */
    Comparison comparison(int kTest);
}
