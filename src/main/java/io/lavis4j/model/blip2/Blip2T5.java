package io.lavis4j.model.blip2;

import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.model.AnswerLearner;
import io.lavis4j.model.t5.T5;
import io.lavis4j.tokenize.Side;
import io.lavis4j.tokenize.Tokenizer;
import java.nio.file.Path;
import org.bytedeco.pytorch.Device;

/**
 * BLIP-2 with T5, whose encoder reads query outputs and a text after them, and whose decoder writes another text.
 *
 * <p>It learns outputs after inputs, which may be empty texts, all cut at {@code maxTxtLen} tokens, the end included;
 * the loss is the mean cross-entropy of the outputs' tokens and ends. Prompts are not cut. The greatest length of
 * generation counts new tokens alone, the least one token before the first word, as in the reference.
 */
public final class Blip2T5 extends Blip2ConditionalGeneration<Blip2T5Config, T5> implements AnswerLearner {

    /**
     * A model with unset parameters on a device, to be filled by {@link #load} or {@link #initialize()}.
     *
     * @param tokenizer of the T5 model, which this model closes
     * @throws IllegalArgumentException if it has more tokens than the T5 model
     */
    public Blip2T5(Blip2T5Config config, Tokenizer tokenizer, Device device) {
        super(config, frozen(config, tokenizer), null, device);
    }

    static FrozenT5 frozen(Blip2T5Config config, Tokenizer tokenizer) {
        var cut = FrozenT5.PADDED.truncated(config.blip2().maxTxtLen(), Side.RIGHT);
        return new FrozenT5(config.t5(), tokenizer, cut, cut);
    }

    /** A model with the tokenizer in a folder, which it closes. */
    public static Blip2T5 open(Blip2T5Config config, Path folder, Device device) {
        return open(Tokenizer.t5(folder), null, (tokenizer, none) -> new Blip2T5(config, tokenizer, device));
    }

    /** Five beams, up to 10 tokens, short answers before long ones. */
    @Override
    public GenerationConfig answerDefaults() {
        return GenerationConfig.lavis().withMaxLength(10).withLengthPenalty(-1);
    }
}
