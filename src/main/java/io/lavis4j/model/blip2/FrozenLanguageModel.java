package io.lavis4j.model.blip2;

import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.model.Texts;
import io.lavis4j.nn.Module;
import io.lavis4j.tokenize.Tokenizer;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A language model that is never trained and reads query outputs before a text: how a family cuts, joins and ends
 * texts.
 *
 * <p>Dimensions: B samples, Q query outputs of each, W width of words and of projected queries.
 *
 * @param <L> the language model
 */
interface FrozenLanguageModel<L extends Module> {

    /** Its module. */
    L model();

    /** Its tokenizer. */
    Tokenizer tokenizer();

    /** Name in checkpoints: {@code opt} for {@code opt_model} and {@code opt_proj}. */
    String name();

    /** Width of words, W. */
    int width();

    /** Mixed precision that the reference runs it in on a GPU. */
    ScalarType autocast();

    /** Stores the parameters in a dtype. */
    default void store(ScalarType dtype) {
        model().to(dtype);
    }

    /** Fills all parameters as the reference does before anything is loaded. */
    void initialize();

    /**
     * Texts to learn, tokenized; makes no tensor.
     *
     * @return from query outputs (B, Q, W) to the loss, a scalar, float32
     * @throws IllegalArgumentException if they cannot be learned
     */
    UnaryOperator<Tensor> loss(Texts texts);

    /**
     * Writes texts.
     *
     * @param queries (B, Q, W)
     * @param prompts B texts
     * @return tokens, {@code numReturnSequences} rows for each prompt, adjacent
     */
    long[][] generate(Tensor queries, List<String> prompts, GenerationConfig generation);

    /** Written tokens as a text. */
    String decode(long[] ids);

    /**
     * Texts as they are learned, to be scored.
     *
     * @param prompt that they follow; where the model learns captions alone, they begin with it
     * @throws IllegalArgumentException if one cannot be scored
     */
    Likelihoods learned(String prompt, List<String> texts, int textsPerBatch);

    /**
     * Answers to choose from after a prompt, as the reference's {@code predict_class} compares them.
     *
     * @throws IllegalArgumentException if one cannot be scored
     */
    Likelihoods candidates(String prompt, List<String> texts, int textsPerBatch);
}
