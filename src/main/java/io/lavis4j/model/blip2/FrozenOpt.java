package io.lavis4j.model.blip2;

import static io.lavis4j.io.Arguments.require;

import io.lavis4j.generate.EndTokens;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.model.Texts;
import io.lavis4j.model.blip2.CausalText.TokenLoss;
import io.lavis4j.model.opt.Opt;
import io.lavis4j.tokenize.BatchEncoding;
import io.lavis4j.tokenize.EncodeOptions;
import io.lavis4j.tokenize.Labelled;
import io.lavis4j.tokenize.Padding;
import io.lavis4j.tokenize.Side;
import io.lavis4j.tokenize.Tokenizer;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** OPT after query outputs. A text ends with a line break, which ends captions too, and is cut at its end. */
final class FrozenOpt extends FrozenLanguageModel<Opt> {

    private static final EncodeOptions PLAIN = EncodeOptions.plain();

    private final Blip2OptConfig config;
    private final CausalText text;
    private final EncodeOptions cut;
    private final EndTokens end;
    private final int promptLength;

    /**
     * OPT with unset parameters.
     *
     * @throws IllegalArgumentException if the tokenizer has more tokens than the model, or the prompt leaves no token
     *     of {@code maxTxtLen} to a text
     */
    FrozenOpt(Blip2OptConfig config, Tokenizer tokenizer) {
        super("opt", new Opt(config.opt()), config.opt().hiddenSize(), tokenizer);
        this.config = config;
        int maxTxtLen = config.blip2().maxTxtLen();
        promptLength = tokenizer.encode(config.prompt(), PLAIN).ids().length;
        require(
                tokenizer.vocabSize() <= config.opt().vocabSize(),
                "the tokenizer has %d tokens, the language model's word table %d; expected a tokenizer.json and a config.json of one model",
                tokenizer.vocabSize(),
                config.opt().vocabSize());
        require(
                promptLength < maxTxtLen,
                "prompt is \"%s\", which takes %d tokens, and max_txt_len is %d; expected a prompt shorter than max_txt_len",
                config.prompt(),
                promptLength,
                maxTxtLen);
        text = new CausalText(model);
        cut = PLAIN.truncated(maxTxtLen, Side.RIGHT);
        long newline = tokenizer.encode("\n", PLAIN.withSpecialTokens(false)).ids()[0];
        end = new EndTokens(newline, config.opt().padTokenId());
    }

    /** The tokens that the prompt takes at the start of a text, the one before the first word included. */
    int promptLength() {
        return promptLength;
    }

    @Override
    TokenLoss loss(Texts texts) {
        require(!texts.input().isEmpty(), "expected at least one text, got none");
        var labelled = labelled(texts.input());
        require(
                labelled.targets().length > 0,
                "no word of the batch is after its prompt of %d tokens; texts must start with the prompt \"%s\"",
                promptLength,
                config.prompt());
        return text.loss(labelled.weighted(texts.weights()));
    }

    /** The words after the prompt are targets, and without a prompt the token at the start, too. */
    Labelled labelled(List<String> texts) {
        int skipped = config.prompt().isEmpty() ? 0 : promptLength;
        var tokens = encode(texts, cut.padded(new Padding.Longest(), Side.RIGHT));
        return Labelled.from(tokens, skipped, config.opt().padTokenId());
    }

    private BatchEncoding encode(List<String> texts, EncodeOptions options) {
        return tokenizer.encode(texts.stream().map(line -> line + "\n").toList(), options);
    }

    @Override
    long[][] generate(Tensor queries, List<String> prompts, GenerationConfig generation) {
        var tokens = tokenizer.encode(prompts, cut.padded(new Padding.Longest(), Side.LEFT));
        return text.generate(queries, tokens, config.opt().bosTokenId(), generation, end);
    }

    @Override
    String decode(long[] ids) {
        return tokenizer.decode(ids).strip();
    }

    /** The token at the start is not a word. */
    @Override
    Likelihoods learned(String prompt, List<String> texts, int textsPerBatch) {
        long[][] ids = encode(texts, cut).ids(); // one start, the words, one end
        int first = prompt.isEmpty() ? 1 : promptLength;
        for (int i = 0; i < ids.length; i++) {
            require(
                    ids[i].length > first,
                    "text \"%s\" has no word after the prompt of %d tokens; texts must start with the prompt \"%s\"",
                    texts.get(i),
                    first,
                    prompt);
        }
        return new CausalRows(text, ids, first, textsPerBatch);
    }

    /** A blank stands before a candidate, and its end counts, as in captions; the reference has no such method. */
    @Override
    Likelihoods candidates(String prompt, List<String> texts, int textsPerBatch) {
        var words = texts.stream().map(line -> " " + line.strip()).toList();
        return CausalRows.answers(
                text,
                tokenizer.encode(prompt, PLAIN).ids(),
                encode(words, PLAIN).ids(),
                textsPerBatch);
    }
}
