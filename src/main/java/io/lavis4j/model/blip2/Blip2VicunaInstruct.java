package io.lavis4j.model.blip2;

import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.model.AnswerLearner;
import io.lavis4j.model.llama.Llama;
import io.lavis4j.tokenize.Tokenizer;
import java.nio.file.Path;
import org.bytedeco.pytorch.Device;
import org.jspecify.annotations.Nullable;

/**
 * InstructBLIP with Vicuna (arXiv:2305.06500): the Q-Former reads the instruction too, and its query outputs,
 * projected, stand before the instruction's word vectors.
 *
 * <p>It learns answers, each directly after its instruction; the loss is the mean cross-entropy of their tokens, the
 * end {@code </s>} included. Of instructions longer than {@code maxTxtLen} tokens the last stay, of answers longer than
 * {@code maxOutputTxtLen} the first. Lengths of generation count one token before the first word, as the reference's
 * do, and texts come without surrounding white space.
 *
 * <p>Differences from LAVIS: the word that it adds for padding, whose row is random, is never generated; candidates of
 * {@code predict_class} are ranked by the sum of their tokens' losses, where LAVIS divides by the length of a segment's
 * longest row, so that candidates of different segments cannot be compared; few-shot examples are texts alone.
 */
public final class Blip2VicunaInstruct extends Blip2ConditionalGeneration<Blip2VicunaInstructConfig, Llama>
        implements AnswerLearner {

    /**
     * A model with unset parameters on a device, to be filled by {@link #load} or {@link #initialize()}.
     *
     * @param tokenizer {@linkplain Tokenizer#vicuna of Vicuna}, which this model closes
     * @param qformerTokenizer {@linkplain Tokenizer#qformer of the Q-Former}, which this model closes; {@code null}
     *     where the Q-Former reads no instructions
     * @throws IllegalArgumentException if a tokenizer does not belong to its model
     */
    public Blip2VicunaInstruct(
            Blip2VicunaInstructConfig config,
            Tokenizer tokenizer,
            @Nullable Tokenizer qformerTokenizer,
            Device device) {
        super(
                config,
                new FrozenVicuna(config, tokenizer),
                Instructions.of(config.blip2(), config.qformerTextInput(), qformerTokenizer),
                device);
    }

    /**
     * A model with the tokenizers in two folders, which it closes.
     *
     * @param folder of Vicuna
     * @param qformerFolder of BERT; {@code null} where the Q-Former reads no instructions
     */
    public static Blip2VicunaInstruct open(
            Blip2VicunaInstructConfig config, Path folder, @Nullable Path qformerFolder, Device device) {
        return open(
                Tokenizer.vicuna(folder),
                qformerFolder,
                (vicuna, qformer) -> new Blip2VicunaInstruct(config, vicuna, qformer, device));
    }

    /** Five beams, up to 255 tokens, repetition penalty 1.5. */
    @Override
    public GenerationConfig generateDefaults() {
        return INSTRUCT_DEFAULTS;
    }

    /** Five beams, up to 9 tokens, no length penalty, repetition penalty 1.5. */
    @Override
    public GenerationConfig answerDefaults() {
        return INSTRUCT_DEFAULTS.withMaxLength(10).withLengthPenalty(0);
    }
}
