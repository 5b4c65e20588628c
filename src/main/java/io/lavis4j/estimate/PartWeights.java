package io.lavis4j.estimate;

import io.lavis4j.zoo.ModelShape;
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
    private static final String NONE = "\0"; // begins no name

    static PartWeights of(ModelShape shape, boolean gpu) {
        try (var scope = new PointerScope();
                var tree = shape.create(new Device(gpu ? "cuda" : "cpu"))) {
            var model = shape.languageModel();
            String language = model == null ? NONE : model.name() + ".";
            String projection =
                    model == null ? "(vision_proj\\.|text_proj\\.|itm_head\\.|temp).*" : model.projection() + "\\..*";
            return new PartWeights(
                    Weights.of(tree, name -> name.startsWith(VISION)),
                    Weights.of(
                            tree,
                            name -> !name.startsWith(VISION)
                                    && !name.startsWith(language)
                                    && !name.matches(projection)),
                    Weights.of(tree, name -> name.startsWith(language)),
                    Weights.of(tree, name -> name.matches(projection)));
        }
    }
}
