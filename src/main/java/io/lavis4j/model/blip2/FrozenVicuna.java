package io.lavis4j.model.blip2;

import static io.lavis4j.io.Arguments.require;

import io.lavis4j.generate.EndTokens;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.model.Texts;
import io.lavis4j.model.blip2.CausalText.TokenLoss;
import io.lavis4j.model.llama.Llama;
import io.lavis4j.tokenize.EncodeOptions;
import io.lavis4j.tokenize.Labelled;
import io.lavis4j.tokenize.Padding;
import io.lavis4j.tokenize.Side;
import io.lavis4j.tokenize.SpecialToken;
import io.lavis4j.tokenize.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * Vicuna after query outputs: an answer stands directly after its instruction and ends with {@code </s>}.
 *
 * <p>Differences from LAVIS: the word that it adds for padding, whose row is random, is never generated. Candidates are
 * compared by the sum of their tokens' losses; LAVIS divides these sums by the length of the longest row among the
 * candidates of a segment, which does not change the order within one, but with several segments makes candidates of
 * different ones incomparable. On a GPU they are scored in fp16, as they are learned; LAVIS converts the weights to
 * bf16 for that.
 */
final class FrozenVicuna extends FrozenLanguageModel<Llama> {

    private static final EncodeOptions PLAIN = EncodeOptions.plain();
    private static final long UNKNOWN = 0;

    private final Blip2VicunaInstructConfig config;
    private final CausalText text;

    /**
     * Vicuna with unset parameters.
     *
     * @throws IllegalArgumentException if the tokenizer does not belong to the model
     */
    FrozenVicuna(Blip2VicunaInstructConfig config, Tokenizer tokenizer) {
        super("llm", new Llama(config.llama()), config.llama().hiddenSize(), tokenizer);
        this.config = config;
        var llama = config.llama();
        long pad = tokenizer.id(SpecialToken.PAD);
        require(
                tokenizer.vocabSize() <= llama.vocabSize() && pad == llama.padTokenId(),
                "the tokenizer has %d tokens, padding is %d; the language model's word table has %d and padding %d; expected a tokenizer.model and a config.json of one model",
                tokenizer.vocabSize(),
                pad,
                llama.vocabSize(),
                llama.padTokenId());
        text = new CausalText(model);
    }

    @Override
    TokenLoss loss(Texts texts) {
        requireAnswers(texts);
        return text.loss(labelled(texts).weighted(texts.weights()));
    }

    /** Of instructions that are too long the last tokens stay, of answers the first. */
    Labelled labelled(Texts texts) {
        var inputs = tokenizer.encode(texts.input(), input());
        return Labelled.answers(
                inputs.ids(), outputs(texts.output()), config.llama().padTokenId());
    }

    private EncodeOptions input() {
        return PLAIN.truncated(config.blip2().maxTxtLen(), Side.LEFT);
    }

    private long[][] outputs(List<String> texts) {
        String eos = tokenizer.token(SpecialToken.EOS);
        var ended = texts.stream().map(line -> line + eos).toList();
        return tokenizer
                .encode(ended, PLAIN.truncated(config.maxOutputTxtLen(), Side.RIGHT))
                .ids();
    }

    @Override
    long[][] generate(Tensor queries, List<String> prompts, GenerationConfig generation) {
        var llama = config.llama();
        var suppressed = Stream.concat(generation.suppressTokens().stream(), Stream.of((long) llama.padTokenId()));
        return text.generate(
                queries,
                tokenizer.encode(prompts, PLAIN.padded(new Padding.Longest(), Side.LEFT)),
                llama.bosTokenId(),
                generation.withSuppressTokens(suppressed.toList()),
                new EndTokens(llama.eosTokenId(), UNKNOWN));
    }

    /** The unknown word, which also fills rows up, is read as the end. */
    @Override
    String decode(long[] ids) {
        long eos = tokenizer.id(SpecialToken.EOS);
        long[] known = Arrays.stream(ids).map(id -> id == UNKNOWN ? eos : id).toArray();
        return tokenizer.decode(known).strip();
    }

    @Override
    Likelihoods learned(String prompt, List<String> texts, int textsPerBatch) {
        return CausalRows.answers(text, tokenizer.encode(prompt, input()).ids(), outputs(texts), textsPerBatch);
    }

    /** A candidate does not end. */
    @Override
    Likelihoods candidates(String prompt, List<String> texts, int textsPerBatch) {
        return CausalRows.answers(
                text,
                tokenizer.encode(prompt, PLAIN).ids(),
                tokenizer.encode(texts, PLAIN).ids(),
                textsPerBatch);
    }
}
