package io.lavis4j.model;

import java.util.List;

/**
 * Training texts of a batch of B images, under LAVIS's names; what a model does not use may be empty.
 *
 * @param input {@code text_input}: captions, or instructions and questions, B
 * @param output {@code text_output}: the answers to these, B
 * @param imageIds {@code image_id}: equal numbers are the same image, B
 * @param weights of the samples in the loss, B
 */
public record Texts(List<String> input, List<String> output, long[] imageIds, double[] weights) {

    private static final long[] NO_IDS = {};
    private static final double[] NO_WEIGHTS = {};

    public Texts {
        input = List.copyOf(input);
        output = List.copyOf(output);
    }

    /** Captions alone. */
    public static Texts of(List<String> input) {
        return of(input, List.of());
    }

    /** Inputs and the answers to them. */
    public static Texts of(List<String> input, List<String> output) {
        return new Texts(input, output, NO_IDS, NO_WEIGHTS);
    }
}
