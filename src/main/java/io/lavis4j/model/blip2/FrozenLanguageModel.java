package io.lavis4j.model.blip2;

import static io.lavis4j.io.Arguments.require;

import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.model.Texts;
import io.lavis4j.nn.Module;
import io.lavis4j.tokenize.Tokenizer;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A language model that is never trained and reads query outputs before a text: how a family cuts, joins and ends
 * texts.
 *
 * <p>Dimensions: B samples, Q query outputs of each, W width of words and of projected queries.
 *
 * @param <L> the language model
 */
abstract sealed class FrozenLanguageModel<L extends Module> permits FrozenOpt, FrozenT5, FrozenVicuna {

    /** Name in checkpoints: {@code opt} for {@code opt_model} and {@code opt_proj}. */
    final String name;

    final L model;

    /** Width of words, W. */
    final int width;

    final Tokenizer tokenizer;

    FrozenLanguageModel(String name, L model, int width, Tokenizer tokenizer) {
        this.name = name;
        this.model = model;
        this.width = width;
        this.tokenizer = tokenizer;
    }

    /** Refuses texts that are not at least one input, and an output for each. */
    static void requireAnswers(Texts texts) {
        int B = texts.input().size(), given = texts.output().size();
        require(
                B > 0 && given == B,
                "expected at least one text_input, and one text_output for each, got %d and %d; captions alone have no text_output: use the text processor blip_instruction, a data set whose samples have one, or blip2_opt, which learns captions",
                B,
                given);
    }

    /**
     * Texts to learn, tokenized; makes no tensor.
     *
     * @throws IllegalArgumentException if they cannot be learned
     */
    abstract CausalText.TokenLoss loss(Texts texts);

    /**
     * Writes texts.
     *
     * @param queries (B, Q, W)
     * @param prompts B texts
     * @return tokens, {@code numReturnSequences} rows for each prompt, adjacent
     */
    abstract long[][] generate(Tensor queries, List<String> prompts, GenerationConfig generation);

    /** Written tokens of the vocabulary as a text. */
    abstract String decode(long[] ids);

    /**
     * Texts as they are learned, to be scored.
     *
     * @param prompt that they follow; where the model learns captions alone, they begin with it
     * @throws IllegalArgumentException if one cannot be scored
     */
    abstract Likelihoods learned(String prompt, List<String> texts, int textsPerBatch);

    /**
     * Answers to choose from after a prompt, as the reference's {@code predict_class} compares them.
     *
     * @throws IllegalArgumentException if one cannot be scored
     */
    abstract Likelihoods candidates(String prompt, List<String> texts, int textsPerBatch);
}
