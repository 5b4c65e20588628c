package io.lavis4j.model;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A model that says whether texts belong to images, LAVIS's {@code forward} with a {@code match_head}. */
public interface ImageTextMatcher extends BaseModel {

    /**
     * A way of comparing, LAVIS's {@code match_head}, which decides what its results are.
     *
     * @param <R> results
     */
    @FunctionalInterface
    interface MatchHead<R> {

        /** Image-text matching: a classifier that sees both. */
        MatchHead<Probabilities> ITM = ImageTextMatcher::itm;

        /** Image-text contrast: cosines of what is known of each alone. */
        MatchHead<Cosines> ITC = ImageTextMatcher::itc;

        /** Compares each image with its text by one of the model's methods. */
        R compare(ImageTextMatcher model, Tensor image, List<String> texts);
    }

    /** @param values that image and text belong together, from 0 to 1, B */
    record Probabilities(float[] values) {}

    /** @param values largest cosine of a query and the text, from -1 to 1, B */
    record Cosines(float[] values) {}

    /**
     * Whether each image and its text belong together, by a classifier that sees both.
     *
     * @param image (B, 3, S, S), float32, on the model's device
     * @param texts B texts
     * @throws IllegalArgumentException if the numbers of images and texts differ
     */
    Probabilities itm(Tensor image, List<String> texts);

    /**
     * How similar each image and its text are, by what is known of each alone.
     *
     * @param image (B, 3, S, S), float32, on the model's device
     * @param texts B texts
     * @throws IllegalArgumentException if the numbers of images and texts differ
     */
    Cosines itc(Tensor image, List<String> texts);

    /** Compares each image with its text by a head that is chosen at run time. */
    default <R> R match(Tensor image, List<String> texts, MatchHead<R> head) {
        return head.compare(this, image, texts);
    }
}
