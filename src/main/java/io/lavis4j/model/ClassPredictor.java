package io.lavis4j.model;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A model that ranks given answers by how likely it is to write them, LAVIS's {@code predict_class}. */
public interface ClassPredictor extends BaseModel {

    /**
     * Ranks candidates.
     *
     * @param image (B, 3, S, S), float32, on the model's device
     * @param prompts B texts that the candidates answer
     * @param candidates the same for every image, C
     * @param segments parts that the candidates are scored in, to save memory
     * @return B rows of C indices into {@code candidates}, the likeliest first
     */
    int[][] predictClass(Tensor image, List<String> prompts, List<String> candidates, int segments);
}
