package io.lavis4j.model.blip2;

import static io.lavis4j.io.Arguments.require;
import static org.bytedeco.pytorch.global.torch.bmm;
import static org.bytedeco.pytorch.global.torch.softmax;

import io.lavis4j.distributed.Gather;
import io.lavis4j.generate.EndTokens;
import io.lavis4j.generate.Generation;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.io.Listing;
import io.lavis4j.model.FeatureExtractor;
import io.lavis4j.model.ImageTextMatcher;
import io.lavis4j.model.SimilarityRanker;
import io.lavis4j.model.Texts;
import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.model.qformer.QFormerDecoder;
import io.lavis4j.model.qformer.QFormerInput;
import io.lavis4j.nn.Init;
import io.lavis4j.nn.Linear;
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
public final class Blip2Qformer extends Blip2Base implements FeatureExtractor, ImageTextMatcher, SimilarityRanker {

    private static final double TEMPERATURE = 0.07;
    static final int MATCH = 1; // column of the matching head

    private final Blip2QformerConfig config;
    private final Tokenizer tokenizer;
    private final Linear visionProj;
    private final Linear textProj;
    private final Linear itmHead;
    private final Tensor temp;
    private Gather gather = Gather.alone();

    /**
     * A model with unset parameters on a device.
     *
     * @param tokenizer of the Q-Former, with {@code [DEC]}; this model closes it
     */
    public Blip2Qformer(Blip2QformerConfig config, Tokenizer tokenizer, Device device) {
        super(config.blip2(), QFormer.Parts.ALL, config.precision(), List.of(tokenizer), device);
        this.config = config;
        this.tokenizer = tokenizer;
        int D = config.blip2().qformer().hiddenSize(), E = config.embedDim();
        visionProj = child("vision_proj", new Linear(D, E, true));
        textProj = child("text_proj", new Linear(D, E, true));
        itmHead = child("itm_head", new Linear(D, 2, true));
        parameter("query_tokens", bridge().queryTokens()); // comes before temp in the reference's optimizer, too
        temp = parameter("temp");
        Init.constant(temp, TEMPERATURE);
        to(device);
    }

    /** A model with the tokenizer in a folder, which it closes. */
    public static Blip2Qformer open(Blip2QformerConfig config, Path folder, Device device) {
        return open(Tokenizer.qformer(folder), null, (tokenizer, none) -> new Blip2Qformer(config, tokenizer, device));
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
        require(!texts.input().isEmpty(), "expected at least one text, got none");
        require(texts.weights().length == 0, "the first stage weighs no samples; take the data set's weights out");
        var tokens = encode(
                texts.input(),
                config.blip2().maxTxtLen(),
                new Padding.ToLength(config.blip2().maxTxtLen()));
        return image -> {
            Blip2Bridge.requireSameCount(image, tokens.ids().length);
            var joined = isTraining() ? gather : Gather.alone();
            return new Stage1Loss(this, Negatives.DRAWN, joined).of(image, tokens, texts.imageIds());
        };
    }

    @Override
    public void joinBatches(Gather batches) {
        gather = batches;
    }

    BatchEncoding encode(List<String> texts, int maxLength, Padding padding) {
        return tokenizer.encode(
                texts, EncodeOptions.plain().truncated(maxLength, Side.RIGHT).padded(padding, Side.RIGHT));
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

    /** Hidden states of texts alone, (B, T, D). */
    Tensor readText(TextTokens texts) {
        return qformer().forward(QFormerInput.text(texts.ids(), texts.mask()));
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

    /** Unit vectors of whole texts, by their first tokens, (B, E). */
    Tensor textFeatures(TextTokens texts) {
        return textFeatures(readText(texts).select(1, 0));
    }

    /** The queries after they have read images and texts, (B, Q, D). */
    private Tensor query(Tensor imageEmbeds, TextTokens texts) {
        return bridge().query(imageEmbeds, texts.ids(), texts.mask());
    }

    /**
     * Whether texts belong to images.
     *
     * @param imageEmbeds (B, N, D)
     * @return logits (B, 2): no, yes
     */
    Tensor itm(Tensor imageEmbeds, TextTokens texts) {
        return Tensors.mean(itmHead.forward(query(imageEmbeds, texts)), 1); // (B, 2)
    }

    /** The image tokens, (B, N, D), float32. */
    Tensor encodeImage(Tensor image) {
        return bridge().encodeImage(image).to(ScalarType.Float);
    }

    @Override
    public Probabilities itm(Tensor image, List<String> texts) {
        return new Probabilities(compared(
                image,
                texts,
                tokens -> softmax(itm(encodeImage(image), tokens), 1).select(1, MATCH))); // (B)
    }

    @Override
    public Cosines itc(Tensor image, List<String> texts) {
        return new Cosines(compared(image, texts, tokens -> cosines(image, tokens))); // (B)
    }

    private float[] compared(Tensor image, List<String> texts, Function<TextTokens, Tensor> score) {
        Blip2Bridge.requireSameCount(image, texts.size());
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            return Tensors.floats(score.apply(tokens(texts, config.blip2().maxTxtLen())));
        }
    }

    private TextTokens tokens(List<String> texts, int maxLength) {
        return TextTokens.of(encode(texts, maxLength, new Padding.Longest()), device());
    }

    /** Largest cosine of a query and the text, (B). */
    Tensor cosines(Tensor image, TextTokens texts) {
        var queries = imageFeatures(bridge().query(encodeImage(image))); // (B, Q, E)
        return bmm(queries, textFeatures(texts).unsqueeze(2)).squeeze(2).amax(new long[] {1}, false); // (B)
    }

    /**
     * Features: of an image {@code image_embeds} and their projection, of a text all its tokens, of both the queries
     * that have read both. Texts are not cut.
     */
    @Override
    public Features extractFeatures(@Nullable Tensor image, List<String> texts, Mode mode) {
        require(image != null || mode == Mode.TEXT, "mode %s needs images, got none", mode);
        require(!texts.isEmpty() || mode == Mode.IMAGE, "mode %s needs texts, got none", mode);
        try (var noGrad = new NoGradGuard()) {
            if (image == null || mode == Mode.TEXT) {
                var embeds = readText(tokens(texts, EncodeOptions.UNLIMITED)); // (B, T, D)
                return new Features(embeds, Scopes.keep(() -> textFeatures(embeds)));
            }
            if (mode == Mode.IMAGE) {
                var embeds = Scopes.keep(() -> bridge().query(encodeImage(image))); // (B, Q, D)
                return new Features(embeds, Scopes.keep(() -> imageFeatures(embeds)));
            }
            Blip2Bridge.requireSameCount(image, texts.size());
            var embeds =
                    Scopes.keep(() -> query(encodeImage(image), tokens(texts, EncodeOptions.UNLIMITED))); // (B, Q, D)
            return new Features(embeds, null);
        }
    }

    @Override
    public Comparison comparison(int kTest) {
        return new SimilarityMatrix(this, kTest);
    }

    /**
     * Captions. They start with {@code [DEC]} and end with {@code [SEP]}.
     *
     * @param prompts B empty texts, as this stage learns captions alone
     */
    @Override
    public List<String> generate(Tensor image, List<String> prompts, GenerationConfig generation) {
        require(
                prompts.stream().allMatch(String::isEmpty),
                "stage 1 writes captions without a prompt, expected empty prompts, got %s",
                Listing.of(prompts));
        return Arrays.stream(generateIds(image, prompts.size(), generation))
                .map(tokenizer::decode)
                .toList();
    }

    long[][] generateIds(Tensor image, int captions, GenerationConfig generation) {
        Blip2Bridge.requireSameCount(image, captions);
        long[][] first = new long[captions][];
        Arrays.fill(first, new long[] {startToken()});
        var end = new EndTokens(tokenizer.id(SpecialToken.SEP), padToken());
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard();
                var decoder = new QFormerDecoder(qformer(), bridge().queries(encodeImage(image)), startToken())) {
            return Generation.generate(decoder, first, generation, end);
        }
    }

    @Override
    public String prompt() {
        return "";
    }

    /** Shape and behaviour. */
    public Blip2QformerConfig config() {
        return config;
    }

    /** The temperature of the contrast, a scalar. */
    Tensor temp() {
        return temp;
    }

    /** The token that captions start with, {@code [DEC]}. */
    long startToken() {
        return tokenizer.id(SpecialToken.BOS);
    }

    /** The token that fills texts up. */
    long padToken() {
        return tokenizer.id(SpecialToken.PAD);
    }

    /** The queries' feed-forward blocks start as the text's. */
    @Override
    public void initializeUnset() {
        var unset = Set.copyOf(qformer().unsetParameters());
        bridge().initializeUnset();
        qformer().copyTextToQueries(unset);
        fillUnset(() -> {
            visionProj.initialize();
            textProj.initialize();
            itmHead.initialize();
        });
    }
}
