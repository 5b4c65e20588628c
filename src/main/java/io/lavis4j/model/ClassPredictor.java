package io.lavis4j.model;

import io.lavis4j.processor.Questions;
import java.util.Collections;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A model that ranks given answers by how likely it is to write them, LAVIS's {@code predict_class}. */
public interface ClassPredictor extends BaseModel {

    /**
     * Ranks candidates.
     *
     * @param image (B, 3, S, S), float32, on the model's device
     * @param prompts B texts that the candidates answer, see {@link Questions#classPrompts}
     * @param candidates the same for every image, C
     * @param segments parts that the candidates are scored in, to save memory
     * @return B rows of C indices into {@code candidates}, the likeliest first
     * @throws IllegalArgumentException if the numbers of images and prompts differ, or there is no candidate
     */
    default int[][] predictClass(Tensor image, List<String> prompts, List<String> candidates, int segments) {
        return predictOwnClass(image, prompts, Collections.nCopies(prompts.size(), candidates), segments);
    }

    /**
     * Ranks candidates that each image has of its own.
     *
     * @param image (B, 3, S, S), float32, on the model's device
     * @param prompts B texts that the candidates answer, see {@link Questions#classPrompts}
     * @param candidates B lists, which may differ in length
     * @param segments parts that each list is scored in, to save memory
     * @return B rows of indices into the image's candidates, the likeliest first
     * @throws IllegalArgumentException if the numbers of images, prompts and lists differ, or a list is empty
     */
    int[][] predictOwnClass(Tensor image, List<String> prompts, List<List<String>> candidates, int segments);
}
