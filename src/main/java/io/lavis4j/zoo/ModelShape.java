package io.lavis4j.zoo;

import io.lavis4j.model.blip2.Blip2Bridge;
import io.lavis4j.model.blip2.Blip2Config;
import io.lavis4j.model.blip2.Blip2QformerConfig;
import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.nn.Linear;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Devices;
import org.bytedeco.pytorch.Device;
import org.jspecify.annotations.Nullable;

/**
 * Shape of a whole model, known without weights and tokenizers.
 *
 * @param blip2 the half before the language model
 * @param parts of the Q-Former
 * @param languageModel {@code null} in the first stage, which has heads instead
 * @param maxAnswerLen longest text to learn beside the one of {@code max_txt_len}, in tokens; 0 where there is one text
 */
public record ModelShape(
        Blip2Config blip2, QFormer.Parts parts, @Nullable LanguageModelShape languageModel, int maxAnswerLen) {

    /**
     * The module tree: names, shapes, types and what is trained are those of the model. Its parameters are unset, one
     * number each in memory, on the CPU.
     *
     * @param device whose types the parameters have: a CPU stores fp16 as fp32
     */
    public Module create(Device device) {
        return new Tree(this, device);
    }

    private static final class Tree extends Module {

        Tree(ModelShape shape, Device device) {
            var blip2 = shape.blip2;
            var bridge = child("", new Blip2Bridge(blip2, shape.parts, blip2.vitPrecision(), Devices.cpu()));
            bridge.visualEncoder()
                    .module()
                    .convertWeights(blip2.vitPrecision().on(device).dtype());
            int D = blip2.qformer().hiddenSize();
            var language = shape.languageModel;
            if (language == null) {
                int E = Blip2QformerConfig.EMBED_DIM;
                parameter("query_tokens", bridge.queryTokens()); // comes before temp in the model, too
                parameter("temp");
                child("vision_proj", new Linear(D, E, true));
                child("text_proj", new Linear(D, E, true));
                child("itm_head", new Linear(D, 2, true));
            } else {
                child(language.name() + "_model", language.create(device));
                child(language.name() + "_proj", new Linear(D, language.width(), true));
            }
        }
    }
}
