package io.lavis4j.model.blip2;

import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.model.AnswerLearner;
import io.lavis4j.model.t5.T5;
import io.lavis4j.tokenize.Side;
import io.lavis4j.tokenize.Tokenizer;
import java.nio.file.Path;
import org.bytedeco.pytorch.Device;
import org.jspecify.annotations.Nullable;

/**
 * InstructBLIP with T5 (arXiv:2305.06500, section 2.3): the Q-Former reads an image with an instruction, T5's encoder
 * the query outputs with the same instruction, and its decoder writes the answer.
 *
 * <p>It learns answers; the loss is the mean cross-entropy of their tokens and ends. Of instructions longer than
 * {@code maxTxtLen} tokens the last stay, of answers longer than {@code maxOutputTxtLen} the first, and the end. The
 * greatest length of generation counts new tokens alone. Difference from LAVIS: few-shot examples are texts alone.
 */
public final class Blip2T5Instruct extends Blip2ConditionalGeneration<Blip2T5InstructConfig, T5>
        implements AnswerLearner {

    /**
     * A model with unset parameters on a device, to be filled by {@link #load} or {@link #initialize()}.
     *
     * @param tokenizer of the T5 model, which this model closes
     * @param qformerTokenizer {@linkplain Tokenizer#qformer of the Q-Former}, which this model closes; {@code null}
     *     where the Q-Former reads no instructions
     * @throws IllegalArgumentException if a tokenizer does not belong to its model
     */
    public Blip2T5Instruct(
            Blip2T5InstructConfig config, Tokenizer tokenizer, @Nullable Tokenizer qformerTokenizer, Device device) {
        super(
                config,
                frozen(config, tokenizer),
                Instructions.of(config.blip2(), config.qformerTextInput(), qformerTokenizer),
                device);
    }

    private static FrozenT5 frozen(Blip2T5InstructConfig config, Tokenizer tokenizer) {
        var inputs = FrozenT5.PADDED.truncated(config.blip2().maxTxtLen(), Side.LEFT);
        var outputs = FrozenT5.PADDED.truncated(config.maxOutputTxtLen(), Side.RIGHT);
        return new FrozenT5(config.t5(), tokenizer, inputs, outputs);
    }

    /**
     * A model with the tokenizers in two folders, which it closes.
     *
     * @param folder of T5
     * @param qformerFolder of BERT; {@code null} where the Q-Former reads no instructions
     */
    public static Blip2T5Instruct open(
            Blip2T5InstructConfig config, Path folder, @Nullable Path qformerFolder, Device device) {
        return open(
                Tokenizer.t5(folder), qformerFolder, (t5, qformer) -> new Blip2T5Instruct(config, t5, qformer, device));
    }

    /** Five beams, up to 256 tokens, repetition penalty 1.5. */
    @Override
    public GenerationConfig generateDefaults() {
        return INSTRUCT_DEFAULTS;
    }

    /** Five beams, up to 10 tokens, short answers before long ones, repetition penalty 1.5. */
    @Override
    public GenerationConfig answerDefaults() {
        return INSTRUCT_DEFAULTS.withMaxLength(10).withLengthPenalty(-1);
    }
}
