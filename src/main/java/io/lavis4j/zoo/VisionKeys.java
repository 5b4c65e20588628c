package io.lavis4j.zoo;

import io.lavis4j.config.Checks;
import io.lavis4j.config.Section;
import io.lavis4j.model.BaseModel;
import io.lavis4j.model.VisionEncoderConfig;
import io.lavis4j.model.blip2.Blip2Config;
import io.lavis4j.model.clipvit.ClipVitConfig;
import io.lavis4j.model.clipvit.ClipVitWeights;
import io.lavis4j.model.evavit.EvaVitConfig;
import io.lavis4j.model.evavit.EvaVitWeights;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.Precision;
import java.util.List;
import java.util.Optional;

/**
 * The keys of a {@code model} section that are about the vision encoder.
 *
 * @param vitModel {@code eva_clip_g}, {@code clip_L}, or {@code eva_small}, which has no file and is trained from
 *     scratch
 * @param imageSize side of the images, in pixels
 * @param dropPathRate stochastic depth of the last block; {@code clip_L} has none
 * @param useGradCheckpoint blocks are recomputed in backward; no effect while the encoder is frozen
 * @param recomputeGranularity what of these blocks is recomputed; no effect without {@code useGradCheckpoint}
 * @param vitPrecision storage of the matrices: where it is not said fp16, LAVIS's default, and fp32 if they are trained
 * @param freezeVit the encoder is not trained
 */
public record VisionKeys(
        String vitModel,
        int imageSize,
        double dropPathRate,
        boolean useGradCheckpoint,
        GradientCheckpoint.Granularity recomputeGranularity,
        Precision vitPrecision,
        boolean freezeVit) {

    static final String PREFIX = "visual_encoder.";

    private static final int PATCH_SIZE = 14; // of every vision encoder here
    private static final List<String> VIT_MODELS = List.of("eva_clip_g", "clip_L", "eva_small");

    public VisionKeys {
        new Checks()
                .that(VIT_MODELS.contains(vitModel), "vit_model", "one of " + VIT_MODELS, vitModel)
                .that(
                        imageSize > 0 && imageSize % PATCH_SIZE == 0,
                        "image_size",
                        "a positive multiple of the patch size " + PATCH_SIZE,
                        imageSize)
                .that(
                        freezeVit || vitPrecision == Precision.FP32,
                        "vit_precision",
                        "fp32, as freeze_vit is False and weights of 16 bits cannot take small steps; set model.vit_precision=fp32 (run.amp computes in 16 bits nevertheless) or model.freeze_vit=True",
                        vitPrecision)
                .that(dropPathRate >= 0 && dropPathRate < 1, "drop_path_rate", "at least 0 and below 1", dropPathRate)
                .done();
    }

    /** Reads the keys; what is wrong is noted in the section. */
    public static VisionKeys read(Section model) {
        boolean freezeVit = model.flag("freeze_vit", true);
        return new VisionKeys(
                model.string("vit_model", "eva_clip_g"),
                model.integer("image_size"),
                model.number("drop_path_rate", 0),
                model.flag("use_grad_checkpoint", false),
                model.choice("recompute_granularity", GradientCheckpoint.Granularity.FULL),
                model.choice("vit_precision", freezeVit ? Precision.FP16 : Precision.FP32),
                freezeVit);
    }

    /** The encoder's shape. */
    public VisionEncoderConfig config() {
        return switch (vitModel) {
            case "clip_L" -> ClipVitConfig.large(imageSize);
            case "eva_small" -> EvaVitConfig.small(imageSize, dropPathRate);
            default -> EvaVitConfig.giant(imageSize, dropPathRate);
        };
    }

    /** The half of a BLIP-2 model that comes before its language model. */
    public Blip2Config blip2(QFormerKeys qformer, int maxTxtLen) {
        var encoder = config();
        return new Blip2Config(
                encoder,
                Blip2Config.LN_VISION_EPS,
                qformer.config(encoder.numFeatures()),
                maxTxtLen,
                freezeVit,
                useGradCheckpoint,
                recomputeGranularity,
                vitPrecision);
    }

    /** The backbone's file; empty where it is trained from scratch. */
    public <M extends BaseModel> Optional<WeightSource<M>> source() {
        return switch (vitModel) {
            case "clip_L" -> Optional.of(source(ClipVitWeights.FILE, config()));
            case "eva_small" -> Optional.empty();
            default -> Optional.of(source(EvaVitWeights.FILE, config()));
        };
    }

    /** A file of the backbone; its positions are resized to the encoder's image size. */
    static <M extends BaseModel> WeightSource<M> source(String reference, VisionEncoderConfig config) {
        return new WeightSource<>(
                "vision encoder",
                reference,
                WeightSource.Lookup.FILE,
                PREFIX,
                model -> model.visualEncoder().module(),
                (state, model) -> {
                    if (config instanceof EvaVitConfig eva) {
                        return EvaVitWeights.fit(state, eva);
                    }
                    if (config instanceof ClipVitConfig clip) {
                        return ClipVitWeights.fit(state, clip);
                    }
                    throw new IllegalArgumentException("no backbone file is known for " + config);
                });
    }
}
