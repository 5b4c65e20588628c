package io.lavis4j.estimate;

import io.lavis4j.optim.BackwardSteps;
import io.lavis4j.zoo.ModelShape;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;

/**
 * The parameters of a model by part.
 *
 * @param vision the vision encoder's
 * @param qformer of the Q-Former, with query tokens and {@code ln_vision}
 * @param language the language model's; none in the first stage
 * @param projection of what comes between Q-Former and language model, or of the first stage's heads
 */
record PartWeights(Weights vision, Weights qformer, Weights language, Weights projection) {

    private static final String VISION = "visual_encoder.";
    private static final String HEADS = "temp|(vision_proj|text_proj|itm_head)\\..*";

    static PartWeights of(ModelShape shape, boolean gpu) {
        try (var scope = new PointerScope();
                var tree = shape.create(new Device(gpu ? "cuda" : "cpu"))) {
            var model = shape.languageModel();
            Predicate<String> vision = name -> name.startsWith(VISION);
            Predicate<String> language = name -> model != null && name.startsWith(model.name() + "_model.");
            Predicate<String> projection =
                    name -> model == null ? name.matches(HEADS) : name.startsWith(model.name() + "_proj.");
            return new PartWeights(
                    Weights.of(tree, vision),
                    Weights.of(tree, vision.or(language).or(projection).negate()),
                    Weights.of(tree, language),
                    Weights.of(tree, projection));
        }
    }

    /** The most bytes of gradients that are there where they are taken into parameters in backward. */
    long gradientsAtOnce() {
        return BackwardSteps.BUCKET_BYTES
                + Stream.of(vision, qformer, language, projection)
                        .mapToLong(Weights::largest)
                        .max()
                        .orElse(0);
    }
}
