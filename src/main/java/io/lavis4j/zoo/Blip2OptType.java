package io.lavis4j.zoo;

import io.lavis4j.model.VisionEncoderConfig;
import io.lavis4j.model.blip2.Blip2OptConfig;
import io.lavis4j.model.clipvit.ClipVitConfig;
import io.lavis4j.model.clipvit.ClipVitWeights;
import io.lavis4j.model.evavit.EvaVitConfig;
import io.lavis4j.model.evavit.EvaVitWeights;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.model.qformer.QFormerConfig;
import io.lavis4j.model.qformer.QFormerWeights;
import io.lavis4j.tensor.Precision;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A type of the architecture {@code blip2_opt}; components are the keys of the {@code model} section in LAVIS's YAML.
 *
 * <p>A type such as caption_coco_opt2.7b with {@code loadFinetuned} off starts from the pre-trained checkpoint and, as
 * that has none, from the plain backbone's vision encoder.
 *
 * @param vitModel vision encoder: {@code eva_clip_g} or {@code clip_L}
 * @param imageSize side of the pictures, in pixels
 * @param dropPathRate stochastic depth of the vision encoder's last block; {@code clip_L} has none
 * @param useGradCheckpoint the vision encoder's blocks are recomputed in backward; no effect while it is frozen
 * @param vitPrecision storage of the vision encoder's matrices
 * @param freezeVit the vision encoder is not trained
 * @param numQueryToken learned query tokens, Q
 * @param optModel directory or published name of the language model
 * @param prompt text that generation starts with; may be empty
 * @param maxTxtLen longest text, in tokens
 * @param loadPretrained start from {@code pretrained} unless {@code loadFinetuned}
 * @param pretrained checkpoint, a reference of {@link WeightFiles}
 * @param loadFinetuned start from {@code finetuned}
 * @param finetuned checkpoint, a reference of {@link WeightFiles}; may be empty
 */
public record Blip2OptType(
        String vitModel,
        int imageSize,
        double dropPathRate,
        boolean useGradCheckpoint,
        Precision vitPrecision,
        boolean freezeVit,
        int numQueryToken,
        String optModel,
        String prompt,
        int maxTxtLen,
        boolean loadPretrained,
        String pretrained,
        boolean loadFinetuned,
        String finetuned) {

    private static final double LN_VISION_EPS = 1e-5;

    /** The architecture's name. */
    public static final String ARCHITECTURE = "blip2_opt";

    /** Names of the published types, in LAVIS's order. */
    public static List<String> published() {
        return List.of("pretrain_opt2.7b", "pretrain_opt6.7b", "caption_coco_opt2.7b", "caption_coco_opt6.7b");
    }

    /**
     * A published type.
     *
     * @throws IllegalArgumentException if there is none of this name
     */
    public static Blip2OptType published(String name) {
        return switch (name) {
            case "pretrain_opt2.7b" -> pretrain("2.7b");
            case "pretrain_opt6.7b" -> pretrain("6.7b");
            case "caption_coco_opt2.7b" -> captionCoco("2.7b");
            case "caption_coco_opt6.7b" -> captionCoco("6.7b");
            default ->
                throw new IllegalArgumentException(
                        "unknown type \"%s\" of %s, expected one of %s".formatted(name, ARCHITECTURE, published()));
        };
    }

    private static Blip2OptType pretrain(String size) {
        return new Blip2OptType(
                "eva_clip_g",
                224,
                0,
                false,
                Precision.FP16,
                true,
                32,
                "facebook/opt-" + size,
                "",
                32,
                true,
                "BLIP2/blip2_pretrained_opt" + size + ".pth",
                false,
                "");
    }

    private static Blip2OptType captionCoco(String size) {
        return new Blip2OptType(
                "eva_clip_g",
                364,
                0,
                false,
                Precision.FP32,
                false,
                32,
                "facebook/opt-" + size,
                "a photo of",
                32,
                true,
                "BLIP2/blip2_pretrained_opt" + size + ".pth",
                true,
                "BLIP2/blip2_caption_opt" + size + ".pth");
    }

    /** Shape and behaviour, given the language model's shape; OPT itself is stored in fp16, as in the reference. */
    public Blip2OptConfig config(OptConfig opt) {
        var vision = vision();
        return new Blip2OptConfig(
                vision,
                LN_VISION_EPS,
                QFormerConfig.bertBase(numQueryToken, vision.numFeatures()),
                opt,
                prompt,
                maxTxtLen,
                freezeVit,
                useGradCheckpoint,
                vitPrecision,
                Precision.FP16);
    }

    private VisionEncoderConfig vision() {
        return switch (vitModel) {
            case "eva_clip_g" -> EvaVitConfig.giant(imageSize, dropPathRate);
            case "clip_L" -> ClipVitConfig.large(imageSize);
            default ->
                throw new IllegalArgumentException(
                        "unknown vit_model \"%s\", expected eva_clip_g or clip_L".formatted(vitModel));
        };
    }

    /**
     * The files by their published names.
     *
     * @throws IllegalArgumentException if a checkpoint is to be loaded and its name is empty
     */
    public Blip2OptFiles files() {
        String backbone = Map.of("eva_clip_g", EvaVitWeights.FILE, "clip_L", ClipVitWeights.FILE)
                .getOrDefault(vitModel, vitModel);
        return new Blip2OptFiles(backbone, QFormerWeights.MODEL, optModel, checkpoint());
    }

    private @Nullable String checkpoint() {
        if (loadFinetuned) {
            return named("finetuned", finetuned);
        }
        return loadPretrained ? named("pretrained", pretrained) : null;
    }

    private static String named(String key, String reference) {
        if (reference.isBlank()) {
            throw new IllegalArgumentException(
                    "load_%s is true, but %s is empty: name a checkpoint there, or set load_%s to false"
                            .formatted(key, key, key));
        }
        return reference;
    }
}
