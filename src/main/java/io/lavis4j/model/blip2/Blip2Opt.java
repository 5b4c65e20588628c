package io.lavis4j.model.blip2;

import io.lavis4j.generate.Candidates;
import io.lavis4j.generate.EndTokens;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.model.AnswerPredictor;
import io.lavis4j.model.CaptionGenerator;
import io.lavis4j.model.Losses;
import io.lavis4j.model.TextScorer;
import io.lavis4j.model.Texts;
import io.lavis4j.model.TrainableModel;
import io.lavis4j.model.VisionEncoder;
import io.lavis4j.model.opt.Opt;
import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.nn.Autocast;
import io.lavis4j.nn.Linear;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tokenize.BatchEncoding;
import io.lavis4j.tokenize.EncodeOptions;
import io.lavis4j.tokenize.Padding;
import io.lavis4j.tokenize.Side;
import io.lavis4j.tokenize.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * BLIP-2 with OPT (arXiv:2301.12597, section 3.2): query outputs, projected, stand before the text's word vectors.
 *
 * <p>OPT is never trained. As in the reference its dropout is nevertheless active in train mode.
 */
public final class Blip2Opt extends Module implements TrainableModel, CaptionGenerator, AnswerPredictor, TextScorer {

    private static final EncodeOptions PLAIN = EncodeOptions.plain();

    private final Blip2OptConfig config;
    private final Tokenizer tokenizer;
    private final Blip2Bridge bridge;
    private final Opt optModel;
    private final Linear optProj;
    private final CausalText text;
    private final EndTokens end;
    private final int promptLength;

    /**
     * A model with unset parameters on a device, to be filled by {@link #load} or {@link #initialize()}.
     *
     * @param tokenizer of the OPT model, which this model closes
     * @throws IllegalArgumentException if it has more tokens than the OPT model, or the prompt leaves no token of
     *     {@code maxTxtLen} to a text
     */
    public Blip2Opt(Blip2OptConfig config, Tokenizer tokenizer, Device device) {
        this.config = config;
        this.tokenizer = tokenizer;
        promptLength = tokenizer.encode(config.prompt(), PLAIN).ids().length;
        requireFit();
        bridge = child("", new Blip2Bridge(config.blip2(), QFormer.Parts.QUERIES, device));
        optModel = child("opt_model", new Opt(config.opt()));
        optProj = child(
                "opt_proj",
                new Linear(config.blip2().qformer().hiddenSize(), config.opt().hiddenSize(), true));
        to(device);
        optModel.to(config.optPrecision().on(device).dtype());
        optModel.requiresGrad(false);
        text = new CausalText(optModel);
        long newline = tokenizer.encode("\n", PLAIN.withSpecialTokens(false)).ids()[0];
        end = new EndTokens(newline, config.opt().padTokenId());
    }

    private void requireFit() {
        int vocabSize = config.opt().vocabSize(), maxTxtLen = config.blip2().maxTxtLen();
        if (tokenizer.vocabSize() > vocabSize) {
            throw new IllegalArgumentException(
                    "the tokenizer has %d tokens, the language model's word table %d; expected a tokenizer.json and a config.json of one model"
                            .formatted(tokenizer.vocabSize(), vocabSize));
        }
        if (promptLength >= maxTxtLen) {
            throw new IllegalArgumentException(
                    "prompt is \"%s\", which takes %d tokens, and max_txt_len is %d; expected a prompt shorter than max_txt_len"
                            .formatted(config.prompt(), promptLength, maxTxtLen));
        }
    }

    /** A model with the tokenizer in a folder, which it closes. */
    public static Blip2Opt open(Blip2OptConfig config, Path folder, Device device) {
        return TokenizerOwner.of(Tokenizer.opt(folder), tokenizer -> new Blip2Opt(config, tokenizer, device));
    }

    /** The images as OPT sees them, (B, Q, W). */
    Tensor queries(Tensor image) {
        return optProj.forward(bridge.query(bridge.encodeImage(image)));
    }

    /**
     * Texts to learn: each ends with a line break, which ends captions too, and is cut and padded on the right; the
     * loss is the mean cross-entropy of the words after the prompt.
     *
     * @param texts B inputs; each should start with the configured prompt
     * @throws IllegalArgumentException if no word is left to predict
     */
    @Override
    public Prepared prepare(Texts texts) {
        if (texts.input().isEmpty()) {
            throw new IllegalArgumentException("expected at least one text, got none");
        }
        var labelled = labelled(texts.input());
        if (labelled.targets().length == 0) {
            throw new IllegalArgumentException(
                    "no word of the batch is after its prompt of %d tokens; texts must start with the prompt \"%s\""
                            .formatted(promptLength, config.prompt()));
        }
        return image -> loss(image, labelled);
    }

    CausalText.Labelled labelled(List<String> texts) {
        var tokens = encode(texts, learned().padded(new Padding.Longest(), Side.RIGHT));
        int skipped = config.prompt().isEmpty() ? 0 : promptLength;
        return CausalText.Labelled.from(tokens, skipped, config.opt().padTokenId());
    }

    private Losses loss(Tensor image, CausalText.Labelled texts) {
        Blip2Bridge.requireSameCount(image, texts.ids().length);
        return Losses.of(Scopes.keep(() -> {
            var queries = queries(image); // (B, Q, W)
            try (var amp = new Autocast(image.device(), ScalarType.Half)) {
                return text.loss(queries, texts);
            }
        }));
    }

    private BatchEncoding encode(List<String> texts, EncodeOptions options) {
        return tokenizer.encode(texts.stream().map(line -> line + "\n").toList(), options);
    }

    private EncodeOptions learned() {
        return PLAIN.truncated(config.blip2().maxTxtLen(), Side.RIGHT);
    }

    @Override
    public void backward(Tensor loss) {
        bridge.backward(loss);
    }

    /**
     * Captions. Each image is encoded and its prefix run once, whatever the numbers of beams and captions.
     *
     * @param image (B, 3, S, S), float32, on the model's device
     * @param prompts B texts that the captions continue, cut at {@code maxTxtLen} tokens
     * @param generation its lengths count one token before the first word, as the reference's do
     * @return {@code numReturnSequences} captions of each image, adjacent, without prompt, special tokens and
     *     surrounding white space
     */
    @Override
    public List<String> generate(Tensor image, List<String> prompts, GenerationConfig generation) {
        return decode(generateIds(image, prompts, generation));
    }

    @Override
    public List<String> predictAnswers(
            Tensor image, List<String> questions, String prompt, GenerationConfig generation) {
        var prompts = prompt.isEmpty()
                ? questions
                : questions.stream().map(q -> prompt.replace("{}", q)).toList();
        return decode(generateIds(image, prompts, generation.withMaxLength(generation.maxLength() + 1)));
    }

    /** Five beams, up to 10 tokens, no length penalty. */
    @Override
    public GenerationConfig answerDefaults() {
        return GenerationConfig.lavis().withMaxLength(10).withLengthPenalty(0);
    }

    long[][] generateIds(Tensor image, List<String> prompts, GenerationConfig generation) {
        Blip2Bridge.requireSameCount(image, prompts.size());
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard();
                var amp = new Autocast(image.device(), ScalarType.Half)) {
            var tokens = tokenizer.encode(prompts, learned().padded(new Padding.Longest(), Side.LEFT));
            return text.generate(queries(image), tokens, config.opt().bosTokenId(), generation, end);
        }
    }

    private List<String> decode(long[][] rows) {
        return Arrays.stream(rows)
                .map(ids -> Arrays.stream(ids)
                        .filter(id -> id < tokenizer.vocabSize()) // a word table may be longer than the vocabulary
                        .toArray())
                .map(ids -> tokenizer.decode(ids).strip())
                .toList();
    }

    /**
     * Texts to be scored by how likely this model is to write them: the mean log-likelihood of their words after the
     * prompt, the end of the text included, which is the training loss with the sign changed. The token at the start is
     * not a word. The model must be in eval mode.
     *
     * @param texts as the model learns them; cut at {@code maxTxtLen}
     */
    @Override
    public Candidates candidates(List<String> texts, int textsPerBatch) {
        long[][] ids = encode(texts, learned()).ids(); // one start, the words, one end
        int first = config.prompt().isEmpty() ? 1 : promptLength;
        for (int i = 0; i < ids.length; i++) {
            if (ids[i].length <= first) {
                throw new IllegalArgumentException(
                        "text \"%s\" has no word after the prompt of %d tokens; texts must start with the prompt \"%s\""
                                .formatted(texts.get(i), first, config.prompt()));
            }
        }
        return new CausalCandidates(text, this::queries, ids, first, textsPerBatch);
    }

    /**
     * The image tokens before and after {@code ln_vision}, (B, N, D), the query outputs, and these as OPT sees them,
     * (B, Q, W); the caller's scope owns them.
     */
    List<Tensor> hiddenStates(Tensor image) {
        var states = new ArrayList<>(bridge.hiddenStates(image));
        states.add(optProj.forward(states.get(2)));
        return states;
    }

    @Override
    public Module module() {
        return this;
    }

    @Override
    public String prompt() {
        return config.prompt();
    }

    @Override
    public VisionEncoder visualEncoder() {
        return bridge.visualEncoder();
    }

    /** The Q-Former. */
    public QFormer qformer() {
        return bridge.qformer();
    }

    /** The language model. */
    public Opt opt() {
        return optModel;
    }

    /** Shape and behaviour. */
    public Blip2OptConfig config() {
        return config;
    }

    /** The tokens that the prompt takes at the start of a text, the one before the first word included. */
    int promptLength() {
        return promptLength;
    }

    /** Fills all parameters as the reference does before anything is loaded. */
    public void initialize() {
        try (var scope = new PointerScope()) {
            bridge.initialize();
            optModel.initialize();
            optProj.initialize();
        }
    }

    /** The language model is left alone: the reference takes it from a file. */
    @Override
    public void initializeUnset() {
        bridge.initializeUnset();
        fillUnset(optProj::initialize);
    }

    @Override
    public void close() {
        tokenizer.close();
        super.close();
    }
}
