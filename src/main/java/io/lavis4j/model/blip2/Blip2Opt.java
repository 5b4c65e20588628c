package io.lavis4j.model.blip2;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;
import static org.bytedeco.pytorch.global.torch.ones;

import io.lavis4j.dataset.TextCollator;
import io.lavis4j.generate.EndTokens;
import io.lavis4j.generate.Generation;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.model.CaptioningModel;
import io.lavis4j.model.RegionTextScorer;
import io.lavis4j.model.VisionEncoder;
import io.lavis4j.model.opt.Opt;
import io.lavis4j.model.opt.OptDecoder;
import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.nn.Autocast;
import io.lavis4j.nn.GradientCheckpoint;
import io.lavis4j.nn.LayerNorm;
import io.lavis4j.nn.Linear;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tokenize.BatchEncoding;
import io.lavis4j.tokenize.EncodeOptions;
import io.lavis4j.tokenize.Padding;
import io.lavis4j.tokenize.Side;
import io.lavis4j.tokenize.Tokenizer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * BLIP-2 with OPT (arXiv:2301.12597, section 3.2): query outputs, projected, stand in front of the text's word vectors.
 *
 * <p>OPT is never trained. As in the reference its dropout is nevertheless active in train mode.
 */
public final class Blip2Opt extends Module implements CaptioningModel {

    /** Targets with this value do not count. */
    public static final long IGNORE_INDEX = -100;

    private static final long MEAN = 1;

    private final Blip2OptConfig config;
    private final Tokenizer tokenizer;
    private final Blip2Bridge bridge;
    private final Opt optModel;
    private final Linear optProj;
    private final @Nullable GradientCheckpoint checkpoint;
    private final long newline;
    private final int promptLength;

    /**
     * A model with unset parameters on a device, to be filled by {@link #load} or {@link #initialize()}.
     *
     * @param tokenizer of the OPT model; stays the caller's
     */
    public Blip2Opt(Blip2OptConfig config, Tokenizer tokenizer, Device device) {
        this.config = config;
        this.tokenizer = tokenizer;
        bridge = child(
                "", new Blip2Bridge(config.vision(), config.lnVisionEps(), config.qformer(), QFormer.Parts.QUERIES));
        optModel = child("opt_model", new Opt(config.opt()));
        optProj = child(
                "opt_proj",
                new Linear(config.qformer().hiddenSize(), config.opt().hiddenSize(), true));
        to(device);
        visualEncoder().module().convertWeights(config.vitPrecision().on(device).dtype());
        optModel.to(config.optPrecision().on(device).dtype());
        optModel.requiresGrad(false);
        if (config.freezeVit()) {
            visualEncoder().module().freeze();
        }
        checkpoint = config.useGradCheckpoint() ? new GradientCheckpoint(GradientCheckpoint.Mode.configured()) : null;
        visualEncoder().useGradientCheckpoint(checkpoint);
        newline = tokenizer.encode("\n", EncodeOptions.plain().withSpecialTokens(false))
                .ids()[0];
        promptLength = tokenizer.encode(config.prompt(), EncodeOptions.plain()).ids().length;
    }

    /**
     * The training loss: mean cross-entropy of the words after the prompt.
     *
     * @param image (B, 3, S, S), float32, on the model's device
     * @param textInput B texts; each should start with the configured prompt
     * @return scalar, float32
     * @throws IllegalArgumentException if no word is left to predict, or the numbers of images and texts differ
     */
    @Override
    public Tensor forward(Tensor image, List<String> textInput) {
        return forward(image, tokens(textInput));
    }

    @Override
    public Tensor forward(Tensor image, BatchEncoding tokens) {
        requireSameCount(image, tokens.ids().length);
        return Scopes.keep(() -> {
            var queries = queries(image); // (B, Q, D)
            try (var amp = new Autocast(image.device(), ScalarType.Half)) {
                return loss(withText(queries, tokens));
            }
        });
    }

    /**
     * Input of the language model.
     *
     * @param embeds (B, L, D), queries first
     * @param mask (B, L), int64
     * @param labels B rows of L targets
     */
    record Prompted(Tensor embeds, Tensor mask, long[][] labels) {}

    Prompted withText(Tensor queries, BatchEncoding tokens) {
        return new Prompted(
                prepend(queries, tokens.ids()), maskWithQueries(queries, tokens), labels(queries.size(1), tokens));
    }

    /**
     * What is learned of texts: each ends with a line break, which ends captions too, and is cut and padded on the
     * right.
     */
    private BatchEncoding tokens(List<String> textInput) {
        var lines = textInput.stream().map(text -> text + "\n").toList();
        return tokenizer.encode(
                lines,
                EncodeOptions.plain()
                        .padded(new Padding.Longest(), Side.RIGHT)
                        .truncated(config.maxTxtLen(), Side.RIGHT));
    }

    @Override
    public TextCollator textCollator() {
        return this::tokens;
    }

    /** What stands for the images in front of the words, (B, Q, D). */
    Tensor queries(Tensor image) {
        return optProj.forward(bridge.query(bridge.encodeImage(image)));
    }

    /** Query outputs and the words after them, (B, L, D). */
    Tensor prepend(Tensor queries, long[][] ids) {
        var words = optModel.embed(Tensors.of(ids, queries.device())); // (B, T, D)
        return Tensors.cat(1, queries, words.to(Tensors.dtype(queries))); // (B, L, D)
    }

    private static Tensor maskWithQueries(Tensor queries, BatchEncoding tokens) {
        var device = queries.device();
        var all = ones(new long[] {queries.size(0), queries.size(1)}, Tensors.options(device, ScalarType.Long));
        return Tensors.cat(1, all, Tensors.of(tokens.attentionMask(), device)); // (B, L)
    }

    /** The text's own ids, except padding and, where there is a prompt, as many tokens as it has. */
    private long[][] labels(long Q, BatchEncoding tokens) {
        int skipped = config.prompt().isEmpty() ? 0 : promptLength;
        long[][] labels = new long[tokens.ids().length][];
        for (int b = 0; b < labels.length; b++) {
            long[] ids = tokens.ids()[b];
            labels[b] = new long[(int) Q + ids.length];
            Arrays.fill(labels[b], IGNORE_INDEX);
            for (int t = skipped; t < ids.length; t++) {
                if (ids[t] != config.opt().padTokenId()) {
                    labels[b][(int) Q + t] = ids[t];
                }
            }
        }
        return labels;
    }

    /** Scores are computed only where a label asks for them: the hidden state at t - 1 predicts the label at t. */
    private Tensor loss(Prompted in) {
        long W = in.embeds().size(2);
        var hidden = optModel.forward(in.embeds(), in.mask()).reshape(-1, W); // (B L, D)

        long[] labels = Arrays.stream(in.labels()).flatMapToLong(Arrays::stream).toArray(); // B L
        int[] labelled = IntStream.range(0, labels.length)
                .filter(i -> labels[i] != IGNORE_INDEX)
                .toArray();
        if (labelled.length == 0) {
            throw new IllegalArgumentException(
                    "no word of the batch is after its prompt of %d tokens; texts must start with the prompt \"%s\""
                            .formatted(promptLength, config.prompt()));
        }
        long[] targets = Arrays.stream(labelled).mapToLong(i -> labels[i]).toArray();
        long[] rows = Arrays.stream(labelled).mapToLong(i -> i - 1L).toArray();
        var device = hidden.device();
        var logits = optModel.logits(hidden.index_select(0, Tensors.of(rows, device))); // (labels, V)
        return cross_entropy_loss(
                logits.to(ScalarType.Float), Tensors.of(targets, device), new TensorOptional(), MEAN, IGNORE_INDEX, 0);
    }

    /** Backward from a loss of {@link #forward}; with gradient checkpointing the recomputation is freed after it. */
    @Override
    public void backward(Tensor loss) {
        if (checkpoint == null) {
            loss.backward();
        } else {
            checkpoint.backward(loss);
        }
    }

    /** Captions from the configured prompt; see {@link #generate(Tensor, List, GenerationConfig)}. */
    public List<String> generate(Tensor image, GenerationConfig generation) {
        return generate(image, config.prompt(), generation);
    }

    /** Captions from one prompt for all images. */
    public List<String> generate(Tensor image, String prompt, GenerationConfig generation) {
        return generate(image, Collections.nCopies((int) image.size(0), prompt), generation);
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

    /**
     * Answers to questions: {@link GenerationConfig#maxLength()} is the number of tokens of an answer here, and its
     * defaults are in {@link #answerDefaults()}.
     *
     * @param image (B, 3, S, S)
     * @param questions B questions
     * @param prompt has one place {@code {}} for the question; empty for the question alone
     * @return one answer per question
     */
    public List<String> predictAnswers(
            Tensor image, List<String> questions, String prompt, GenerationConfig generation) {
        var prompts = prompt.isEmpty()
                ? questions
                : questions.stream().map(q -> prompt.replace("{}", q)).toList();
        return decode(generateIds(image, prompts, generation.withMaxLength(generation.maxLength() + 1)));
    }

    /** How the reference answers when nothing is said: five beams, up to 10 tokens, no length penalty. */
    public static GenerationConfig answerDefaults() {
        return GenerationConfig.lavis().withMaxLength(10).withLengthPenalty(0);
    }

    long[][] generateIds(Tensor image, List<String> prompts, GenerationConfig generation) {
        requireSameCount(image, prompts.size());
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard();
                var amp = new Autocast(image.device(), ScalarType.Half)) {
            var queries = queries(image); // (B, Q, D)
            var tokens = tokenizer.encode(
                    prompts,
                    EncodeOptions.plain()
                            .padded(new Padding.Longest(), Side.LEFT)
                            .truncated(config.maxTxtLen(), Side.RIGHT));
            long[][] start = new long[prompts.size()][];
            Arrays.fill(start, new long[] {config.opt().bosTokenId()});
            try (var decoder =
                    new OptDecoder(optModel, prepend(queries, tokens.ids()), maskWithQueries(queries, tokens))) {
                return Generation.generate(
                        decoder,
                        start,
                        generation,
                        new EndTokens(newline, config.opt().padTokenId()));
            }
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

    private static void requireSameCount(Tensor image, int texts) {
        if (image.size(0) != texts) {
            throw new IllegalArgumentException(
                    "expected as many texts as images, got %d and %d".formatted(texts, image.size(0)));
        }
    }

    /**
     * Scores texts by how likely this model is to write them: the mean log-likelihood of their words after the prompt,
     * the end of the text included, which is the loss of {@link #forward} with the sign changed. The token at the start
     * is not a word. The model must be in eval mode.
     *
     * @param textsPerBatch that go through the language model at once
     */
    public RegionTextScorer scorer(int textsPerBatch) {
        return new Blip2OptScorer(this, textsPerBatch);
    }

    /** The ids of texts as the model learns them: one start, the words, one end; cut at {@code maxTxtLen}. */
    long[][] textIds(List<String> texts) {
        var lines = texts.stream().map(text -> text + "\n").toList();
        return tokenizer
                .encode(lines, EncodeOptions.plain().truncated(config.maxTxtLen(), Side.RIGHT))
                .ids();
    }

    /** Image tokens and query outputs, for inspection: (B, N, D) and (B, Q, D); the caller's scope owns them. */
    List<Tensor> hiddenStates(Tensor image) {
        var vit = visualEncoder().forward(image);
        var norm = lnVision().forward(vit);
        var queries = bridge.query(norm);
        return List.of(vit, norm, queries, optProj.forward(queries));
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

    LayerNorm lnVision() {
        return bridge.lnVision();
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
    public int promptLength() {
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

    /**
     * Fills what is unset of the vision encoder, the query tokens, {@code ln_vision}, the Q-Former and the projection
     * as the reference does before anything is loaded; set parameters and the language model are left alone.
     */
    public void initializeUnset() {
        bridge.initializeUnset();
        fillUnset(optProj::initialize);
    }

    @Override
    public void close() {
        if (checkpoint != null) {
            checkpoint.close();
        }
        super.close();
    }
}
