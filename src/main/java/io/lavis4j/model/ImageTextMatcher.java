package io.lavis4j.model;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A model that says whether texts belong to images, LAVIS's {@code forward} with a {@code match_head}. */
public interface ImageTextMatcher extends BaseModel {

    /**
     * A way of comparing, which decides what its results are.
     *
     * @param <R> results
     */
    sealed interface MatchHead<R> {

        /** Image-text matching: a classifier that sees both. */
        MatchHead<Probabilities> ITM = new Itm();

        /** Image-text contrast: cosines of what is known of each alone. */
        MatchHead<Cosines> ITC = new Itc();
    }

    /** {@link MatchHead#ITM}. */
    record Itm() implements MatchHead<Probabilities> {}

    /** {@link MatchHead#ITC}. */
    record Itc() implements MatchHead<Cosines> {}

    /** @param values that image and text belong together, from 0 to 1, B */
    record Probabilities(float[] values) {}

    /** @param values largest cosine of a query and the text, from -1 to 1, B */
    record Cosines(float[] values) {}

    /**
     * Compares each image with its text.
     *
     * @param image (B, 3, S, S), float32, on the model's device
     * @param texts B texts
     */
    <R> R match(Tensor image, List<String> texts, MatchHead<R> head);
}
