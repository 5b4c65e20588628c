package io.lavis4j.model.blip2;

import static org.bytedeco.pytorch.global.torch.bmm;
import static org.bytedeco.pytorch.global.torch.softmax;

import io.lavis4j.generate.EndTokens;
import io.lavis4j.generate.Generation;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.io.Listing;
import io.lavis4j.model.CaptionGenerator;
import io.lavis4j.model.FeatureExtractor;
import io.lavis4j.model.ImageTextMatcher;
import io.lavis4j.model.SimilarityRanker;
import io.lavis4j.model.Texts;
import io.lavis4j.model.TrainableModel;
import io.lavis4j.model.VisionEncoder;
import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.model.qformer.QFormerDecoder;
import io.lavis4j.model.qformer.QFormerInput;
import io.lavis4j.nn.Init;
import io.lavis4j.nn.Linear;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tokenize.BatchEncoding;
import io.lavis4j.tokenize.EncodeOptions;
import io.lavis4j.tokenize.Padding;
import io.lavis4j.tokenize.Side;
import io.lavis4j.tokenize.SpecialToken;
import io.lavis4j.tokenize.Tokenizer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * BLIP-2's first stage (arXiv:2301.12597, section 3.1): a vision encoder and a Q-Former that compares, matches and
 * describes images.
 *
 * <p>LAVIS's {@code Blip2Qformer} and its subclass {@code Blip2ITM} in one, which differ in their {@code forward}
 * alone. Differences from LAVIS: captions of any lengths are matched in one batch, and one image may come alone; beam
 * search works, and the repetition penalty takes effect.
 */
public final class Blip2Qformer extends Module
        implements TrainableModel, CaptionGenerator, FeatureExtractor, ImageTextMatcher, SimilarityRanker {

    private static final double TEMPERATURE = 0.07;
    private static final int MATCH = 1; // column of the matching head

    private final Blip2QformerConfig config;
    private final Tokenizer tokenizer;
    private final Blip2Bridge bridge;
    private final Linear visionProj;
    private final Linear textProj;
    private final Linear itmHead;
    private final Tensor temp;

    /**
     * A model with unset parameters on a device.
     *
     * @param tokenizer of the Q-Former, with {@code [DEC]}; this model closes it
     */
    public Blip2Qformer(Blip2QformerConfig config, Tokenizer tokenizer, Device device) {
        this.config = config;
        this.tokenizer = tokenizer;
        int D = config.blip2().qformer().hiddenSize(), E = config.embedDim();
        bridge = child("", new Blip2Bridge(config.blip2(), QFormer.Parts.ALL, device));
        visionProj = child("vision_proj", new Linear(D, E, true));
        textProj = child("text_proj", new Linear(D, E, true));
        itmHead = child("itm_head", new Linear(D, 2, true));
        parameter("query_tokens", bridge.queryTokens()); // comes before temp in the reference's optimizer, too
        temp = parameter("temp");
        Init.constant(temp, TEMPERATURE);
        to(device);
    }

    /** A model with the tokenizer in a folder, which it closes. */
    public static Blip2Qformer open(Blip2QformerConfig config, Path folder, Device device) {
        return TokenizerOwner.of(Tokenizer.qformer(folder), tokenizer -> new Blip2Qformer(config, tokenizer, device));
    }

    /**
     * Captions to learn, padded and cut to {@code maxTxtLen} tokens. The loss is the sum of {@code loss_itc}, contrast
     * of images and texts, {@code loss_itm}, matching with hard negatives, which are drawn from the device's generator,
     * and {@code loss_lm}, captions after images.
     *
     * @param texts B captions; with equal image ids two of them belong to each other's image, too
     */
    @Override
    public Prepared prepare(Texts texts) {
        if (texts.input().isEmpty()) {
            throw new IllegalArgumentException("expected at least one text, got none");
        }
        var tokens = encode(
                texts.input(),
                config.blip2().maxTxtLen(),
                new Padding.ToLength(config.blip2().maxTxtLen()));
        return image -> {
            Blip2Bridge.requireSameCount(image, tokens.ids().length);
            return new Stage1Loss(this, Negatives.DRAWN).of(image, tokens, texts.imageIds());
        };
    }

    BatchEncoding encode(List<String> texts, int maxLength, Padding padding) {
        return tokenizer.encode(
                texts, EncodeOptions.plain().truncated(maxLength, Side.RIGHT).padded(padding, Side.RIGHT));
    }

    @Override
    public void backward(Tensor loss) {
        bridge.backward(loss);
    }

    /**
     * Unit vectors of query outputs, to be compared with those of texts.
     *
     * @param queries (B, Q, D)
     * @return (B, Q, E)
     */
    Tensor imageFeatures(Tensor queries) {
        return Tensors.unit(visionProj.forward(queries)); // (B, Q, E)
    }

    /**
     * Hidden states of texts alone.
     *
     * @param ids (B, T), int64
     * @param mask (B, T), int64
     * @return (B, T, D)
     */
    Tensor readText(Tensor ids, Tensor mask) {
        return bridge.qformer().forward(QFormerInput.text(ids, mask));
    }

    /**
     * Unit vectors of texts' hidden states.
     *
     * @param hidden (..., D)
     * @return (..., E)
     */
    Tensor textFeatures(Tensor hidden) {
        return Tensors.unit(textProj.forward(hidden)); // (..., E)
    }

    /**
     * Whether texts belong to images.
     *
     * @param imageEmbeds (B, N, D)
     * @return logits (B, 2): no, yes
     */
    Tensor itm(Tensor imageEmbeds, Tensor ids, Tensor mask) {
        return Tensors.mean(itmHead.forward(bridge.query(imageEmbeds, ids, mask)), 1); // (B, 2)
    }

    /** As {@link #itm}, the logits of yes alone, (B). */
    Tensor matchScores(Tensor imageEmbeds, Tensor ids, Tensor mask) {
        return itm(imageEmbeds, ids, mask).select(1, MATCH); // (B)
    }

    /** The image tokens, (B, N, D), float32. */
    Tensor encodeImage(Tensor image) {
        return bridge.encodeImage(image).to(ScalarType.Float);
    }

    @Override
    public Probabilities itm(Tensor image, List<String> texts) {
        return new Probabilities(compared(
                image, texts, tokens -> softmax(itmLogits(image, tokens), 1).select(1, MATCH))); // (B)
    }

    @Override
    public Cosines itc(Tensor image, List<String> texts) {
        return new Cosines(compared(image, texts, tokens -> cosines(image, tokens))); // (B)
    }

    private float[] compared(Tensor image, List<String> texts, Function<BatchEncoding, Tensor> score) {
        Blip2Bridge.requireSameCount(image, texts.size());
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            return Tensors.floats(score.apply(encode(texts, config.blip2().maxTxtLen(), new Padding.Longest())));
        }
    }

    /** Logits that images and texts do not belong together, and that they do, (B, 2). */
    Tensor itmLogits(Tensor image, BatchEncoding texts) {
        var device = image.device();
        return itm(encodeImage(image), Tensors.of(texts.ids(), device), Tensors.of(texts.attentionMask(), device));
    }

    /** Largest cosine of a query and the text, (B). */
    Tensor cosines(Tensor image, BatchEncoding texts) {
        var device = image.device();
        var queries = imageFeatures(bridge.query(encodeImage(image))); // (B, Q, E)
        var hidden = readText(Tensors.of(texts.ids(), device), Tensors.of(texts.attentionMask(), device)); // (B, T, D)
        var text = textFeatures(hidden.select(1, 0)); // (B, E)
        return bmm(queries, text.unsqueeze(2)).squeeze(2).amax(new long[] {1}, false); // (B)
    }

    /**
     * Features: of an image {@code image_embeds} and their projection, of a text all its tokens, of both the queries
     * that have read both. Texts are not cut.
     */
    @Override
    public Features extractFeatures(@Nullable Tensor image, List<String> texts, Mode mode) {
        if (image == null && mode != Mode.TEXT) {
            throw new IllegalArgumentException("mode %s needs images, got none".formatted(mode));
        }
        if (texts.isEmpty() && mode != Mode.IMAGE) {
            throw new IllegalArgumentException("mode %s needs texts, got none".formatted(mode));
        }
        try (var noGrad = new NoGradGuard()) {
            return image == null || mode == Mode.TEXT ? ofTexts(texts) : ofImages(image, texts, mode);
        }
    }

    private Features ofTexts(List<String> texts) {
        var tokens = encode(texts, EncodeOptions.UNLIMITED, new Padding.Longest());
        var embeds = readText(Tensors.of(tokens.ids(), device()), Tensors.of(tokens.attentionMask(), device()));
        return new Features(embeds, Scopes.keep(() -> textFeatures(embeds)));
    }

    private Features ofImages(Tensor image, List<String> texts, Mode mode) {
        if (mode == Mode.IMAGE) {
            var embeds = Scopes.keep(() -> bridge.query(encodeImage(image))); // (B, Q, D)
            return new Features(embeds, Scopes.keep(() -> imageFeatures(embeds)));
        }
        Blip2Bridge.requireSameCount(image, texts.size());
        var tokens = encode(texts, EncodeOptions.UNLIMITED, new Padding.Longest());
        var embeds = Scopes.keep(() -> bridge.query(
                encodeImage(image),
                Tensors.of(tokens.ids(), image.device()),
                Tensors.of(tokens.attentionMask(), image.device()))); // (B, Q, D)
        return new Features(embeds, null);
    }

    /** Texts are cut and padded to 35 tokens, as in the reference. */
    @Override
    public SimMatrix computeSimMatrix(Iterable<Tensor> images, List<String> texts, int kTest) {
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            return new SimilarityMatrix(this, texts, kTest).of(images);
        }
    }

    /**
     * Captions. They start with {@code [DEC]} and end with {@code [SEP]}.
     *
     * @param prompts B empty texts, as this stage learns captions alone
     */
    @Override
    public List<String> generate(Tensor image, List<String> prompts, GenerationConfig generation) {
        if (prompts.stream().anyMatch(prompt -> !prompt.isEmpty())) {
            throw new IllegalArgumentException(
                    "stage 1 writes captions without a prompt, expected empty prompts, got " + Listing.of(prompts));
        }
        return Arrays.stream(generateIds(image, prompts.size(), generation))
                .map(tokenizer::decode)
                .toList();
    }

    long[][] generateIds(Tensor image, int captions, GenerationConfig generation) {
        Blip2Bridge.requireSameCount(image, captions);
        long start = tokenizer.id(SpecialToken.BOS);
        long[][] first = new long[captions][];
        Arrays.fill(first, new long[] {start});
        var end = new EndTokens(tokenizer.id(SpecialToken.SEP), tokenizer.id(SpecialToken.PAD));
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard();
                var decoder = new QFormerDecoder(bridge.qformer(), bridge.queries(encodeImage(image)), start)) {
            return Generation.generate(decoder, first, generation, end);
        }
    }

    @Override
    public String prompt() {
        return "";
    }

    @Override
    public Module module() {
        return this;
    }

    @Override
    public VisionEncoder visualEncoder() {
        return bridge.visualEncoder();
    }

    /** The Q-Former. */
    public QFormer qformer() {
        return bridge.qformer();
    }

    /** Shape and behaviour. */
    public Blip2QformerConfig config() {
        return config;
    }

    Blip2Bridge bridge() {
        return bridge;
    }

    Linear itmHead() {
        return itmHead;
    }

    /** The temperature of the contrast, a scalar. */
    Tensor temp() {
        return temp;
    }

    /** The token that captions start with, {@code [DEC]}. */
    long startToken() {
        return tokenizer.id(SpecialToken.BOS);
    }

    /** The queries' feed-forward blocks start as the text's. */
    @Override
    public void initializeUnset() {
        var unset = Set.copyOf(bridge.qformer().unsetParameters());
        bridge.initializeUnset();
        bridge.qformer().copyTextToQueries(unset);
        fillUnset(() -> {
            visionProj.initialize();
            textProj.initialize();
            itmHead.initialize();
        });
    }

    @Override
    public void close() {
        tokenizer.close();
        super.close();
    }
}
