package io.lavis4j.model;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A model that ranks images and texts for one another, LAVIS's {@code compute_sim_matrix}. */
public interface SimilarityRanker extends BaseModel {

    /**
     * Scores of I images and T texts; higher fits better.
     *
     * @param imageToText (I, T): of each image's k most similar texts, -100 for the others
     * @param textToImage (T, I): of each text's k most similar images, -100 for the others
     */
    record SimMatrix(float[][] imageToText, float[][] textToImage) {}

    /**
     * Compares all images with all texts by cosine, then scores the nearest again with both before it.
     *
     * @param images batches (B, 3, S, S), float32, on the model's device; each is used before the next is asked for
     * @param kTest how many of each are scored again, k
     */
    SimMatrix computeSimMatrix(Iterable<Tensor> images, List<String> texts, int kTest);
}
