package io.lavis4j.model.blip2;

import io.lavis4j.model.VisionEncoder;
import io.lavis4j.model.VisionEncoderConfig;
import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.model.qformer.QFormerConfig;
import io.lavis4j.model.qformer.QFormerInput;
import io.lavis4j.nn.Autocast;
import io.lavis4j.nn.Init;
import io.lavis4j.nn.LayerNorm;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Scopes;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** From images to query outputs: vision encoder, {@code ln_vision}, query tokens and Q-Former. */
final class Blip2Bridge extends Module {

    private final Tensor queryTokens;
    private final VisionEncoder visualEncoder;
    private final LayerNorm lnVision;
    private final QFormer qformer;

    Blip2Bridge(VisionEncoderConfig vision, double lnVisionEps, QFormerConfig qformerConfig, QFormer.Parts parts) {
        queryTokens = parameter("query_tokens", 1, qformerConfig.numQueries(), qformerConfig.hiddenSize());
        visualEncoder = vision.create();
        child("visual_encoder", visualEncoder.module());
        lnVision = child("ln_vision", new LayerNorm(vision.numFeatures(), lnVisionEps));
        qformer = child("Qformer", new QFormer(qformerConfig, parts));
    }

    /**
     * The image tokens.
     *
     * @param image (B, 3, S, S), float32
     * @return (B, N, D)
     */
    Tensor encodeImage(Tensor image) {
        return Scopes.keep(() -> {
            try (var amp = new Autocast(image.device(), ScalarType.Half)) {
                return lnVision.forward(visualEncoder.forward(image));
            }
        });
    }

    /**
     * What the queries take from the image tokens.
     *
     * @param imageEmbeds (B, N, D)
     * @return (B, Q, width of the Q-Former)
     */
    Tensor query(Tensor imageEmbeds) {
        return qformer.forward(QFormerInput.queries(expandedQueries(imageEmbeds.size(0)), imageEmbeds));
    }

    private Tensor expandedQueries(long B) {
        return queryTokens.expand(B, queryTokens.size(1), queryTokens.size(2));
    }

    VisionEncoder visualEncoder() {
        return visualEncoder;
    }

    LayerNorm lnVision() {
        return lnVision;
    }

    QFormer qformer() {
        return qformer;
    }

    long numQueries() {
        return queryTokens.size(1);
    }

    void initialize() {
        visualEncoder.initialize();
        initializeTrained();
    }

    /** Gives unset parameters their first values. */
    void initializeUnset() {
        boolean withVision = !visualEncoder.module().unsetParameters().isEmpty();
        fillUnset(withVision ? this::initialize : this::initializeTrained);
    }

    private void initializeTrained() {
        Init.normal(queryTokens, 0.02);
        lnVision.initialize();
        qformer.initialize();
    }
}
