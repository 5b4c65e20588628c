package io.lavis4j.model.blip2;

import static io.lavis4j.io.Arguments.require;

import io.lavis4j.model.VisionEncoder;
import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.model.qformer.QFormerInput;
import io.lavis4j.nn.Affine;
import io.lavis4j.nn.Init;
import io.lavis4j.nn.LayerNorm;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Autocast;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * From images to query outputs: vision encoder, {@code ln_vision}, query tokens and Q-Former, the half that every
 * BLIP-2 model holds.
 */
public final class Blip2Bridge extends Module {

    private final Tensor queryTokens;
    private final VisionEncoder visualEncoder;
    private final LayerNorm lnVision;
    private final QFormer qformer;
    private final Precision stored;
    private final Precision precision;
    private final @Nullable GradientCheckpoint checkpoint;

    /**
     * A bridge with unset parameters on a device, frozen where it is to be.
     *
     * @param precision what the model computes in on a GPU; its vision encoder does too, unless it is stored in 16 bits
     *     of its own
     */
    public Blip2Bridge(Blip2Config config, QFormer.Parts parts, Precision precision, Device device) {
        stored = config.vitPrecision();
        this.precision = precision;
        var shape = config.qformer();
        queryTokens = parameter("query_tokens", 1, shape.numQueries(), shape.hiddenSize());
        visualEncoder = config.vision().create();
        child("visual_encoder", visualEncoder.module());
        lnVision = child("ln_vision", new LayerNorm(config.vision().numFeatures(), config.lnVisionEps()));
        qformer = child("Qformer", new QFormer(shape, parts));

        to(device);
        visualEncoder.module().convertWeights(config.vitPrecision().on(device).dtype());
        if (config.freezeVit()) {
            visualEncoder.module().freeze();
        }
        checkpoint = config.useGradCheckpoint()
                ? new GradientCheckpoint(GradientCheckpoint.Mode.configured(), config.recomputeGranularity())
                : null;
        visualEncoder.useGradientCheckpoint(checkpoint);
    }

    /** The learned query tokens, (1, Q, D). */
    public Tensor queryTokens() {
        return queryTokens;
    }

    /**
     * The image tokens.
     *
     * @param image (B, 3, S, S), float32, or its {@link #visionFeatures}
     * @return (B, N, D)
     */
    public Tensor encodeImage(Tensor image) {
        return Scopes.keep(() -> {
            try (var amp = Autocast.ofPart(image.device(), stored, precision)) {
                return lnVision.forward(image.dim() == 3 ? image : visualEncoder.forward(image));
            }
        });
    }

    /**
     * Image tokens as the Q-Former reads them.
     *
     * @param rows (B, N, D)
     * @param affine what is still to be done to them; {@code null} for nothing
     */
    record ImageTokens(Tensor rows, @Nullable Affine affine) {}

    /**
     * The image tokens. Where they are not trained, but {@code ln_vision} is, the Q-Former's layers take its weight and
     * bias into theirs, so that no gradient of the tokens is computed.
     *
     * @param image (B, 3, S, S), float32, or its {@link #visionFeatures}
     */
    ImageTokens imageTokens(Tensor image) {
        try (var features = image.dim() == 3 ? new Tensor(image) : visionFeatures(image)) { // (B, N, D)
            boolean plain = Tensors.dtype(features) == ScalarType.Float
                    && Autocast.dtype(queryTokens) == ScalarType.Float
                    && GradMode.is_enabled();
            return plain && lnVision.isTrained() && !features.requires_grad()
                    ? new ImageTokens(lnVision.normalized(features), lnVision.affine())
                    : new ImageTokens(encodeImage(features), null);
        }
    }

    /**
     * The image tokens before {@code ln_vision}, which is trained where the vision encoder is not.
     *
     * @param image (B, 3, S, S), float32
     * @return (B, N, D)
     */
    public Tensor visionFeatures(Tensor image) {
        try (var amp = Autocast.ofPart(image.device(), stored, precision)) {
            return visualEncoder.forward(image);
        }
    }

    /**
     * The queries after they have read the image tokens.
     *
     * @param imageEmbeds (B, N, D)
     * @return (B, Q, width of the Q-Former)
     */
    public Tensor query(Tensor imageEmbeds) {
        return query(new ImageTokens(imageEmbeds, null));
    }

    /** The same of image tokens that something is still to be done to. */
    Tensor query(ImageTokens image) {
        return qformer.forward(queries(image.rows()).withAffine(image.affine()));
    }

    /**
     * The queries after they have read the image tokens and a text, which sees them.
     *
     * @param imageEmbeds (B, N, D)
     * @param ids (B, T), int64
     * @param attentionMask (B, T), int64, 1 for real tokens
     * @return (B, Q, width of the Q-Former)
     */
    public Tensor query(Tensor imageEmbeds, Tensor ids, Tensor attentionMask) {
        return query(new ImageTokens(imageEmbeds, null), ids, attentionMask);
    }

    /** The same of image tokens that something is still to be done to. */
    Tensor query(ImageTokens image, Tensor ids, Tensor attentionMask) {
        var queries = expanded(image.rows().size(0)); // (B, Q, D)
        var mask = CausalText.mask(queries, attentionMask); // (B, Q + T)
        var input = QFormerInput.queriesAndText(queries, ids, mask, image.rows());
        return qformer.forward(input.withAffine(image.affine())).narrow(1, 0, queries.size(1)); // (B, Q, D)
    }

    /** The query tokens about to read image tokens, (B, N, D). */
    QFormerInput queries(Tensor imageEmbeds) {
        return QFormerInput.queries(expanded(imageEmbeds.size(0)), imageEmbeds);
    }

    private Tensor expanded(long B) {
        return queryTokens.expand(B, queryTokens.size(1), queryTokens.size(2)); // (B, Q, D)
    }

    /** Refuses a batch whose images and texts differ in number, and an empty one. */
    static void requireSameCount(Tensor image, int texts) {
        require(image.size(0) == texts, "expected as many texts as images, got %d and %d", texts, image.size(0));
        require(texts > 0, "expected at least one image and text, got none");
    }

    /** Backward from a loss; with gradient checkpointing the recomputation is freed after it. */
    public void backward(Tensor loss) {
        if (checkpoint == null) {
            loss.backward();
        } else {
            checkpoint.backward(loss);
        }
    }

    /** The vision encoder. */
    public VisionEncoder visualEncoder() {
        return visualEncoder;
    }

    /** The Q-Former. */
    public QFormer qformer() {
        return qformer;
    }

    /** Fills all parameters as the reference does before anything is loaded. */
    @Override
    public void initialize() {
        visualEncoder.initialize();
        initializeTrained();
    }

    /** Gives unset parameters their first values. */
    public void initializeUnset() {
        boolean withVision = !visualEncoder.module().unsetParameters().isEmpty();
        fillUnset(withVision ? this::initialize : this::initializeTrained);
    }

    private void initializeTrained() {
        Init.normal(queryTokens, 0.02);
        lnVision.initialize();
        qformer.initialize();
    }

    @Override
    public void close() {
        if (checkpoint != null) {
            checkpoint.close();
        }
        super.close();
    }
}
