package io.lavis4j.zoo;

import io.lavis4j.config.Checks;
import io.lavis4j.config.Configuration;
import io.lavis4j.config.Section;
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
import org.jspecify.annotations.Nullable;

/**
 * A type of the architecture {@code blip2_opt}; components are the keys of the {@code model} section in LAVIS's YAML,
 * and {@code qformer_model}, which is ours.
 *
 * <p>A type such as caption_coco_opt2.7b with {@code loadFinetuned} off starts from the pre-trained checkpoint and, as
 * that has none, from the plain backbone's vision encoder.
 *
 * @param vitModel vision encoder: {@code eva_clip_g}, {@code clip_L}, or {@code eva_small}, which has no file and is
 *     trained from scratch
 * @param imageSize side of the images, in pixels
 * @param dropPathRate stochastic depth of the vision encoder's last block; {@code clip_L} has none
 * @param useGradCheckpoint the vision encoder's blocks are recomputed in backward; no effect while it is frozen
 * @param vitPrecision storage of the vision encoder's matrices
 * @param freezeVit the vision encoder is not trained
 * @param qformerModel what the Q-Former starts from: {@code bert-base-uncased}, or {@code small}, which has no file and
 *     is trained from scratch
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
        String qformerModel,
        int numQueryToken,
        String optModel,
        String prompt,
        int maxTxtLen,
        boolean loadPretrained,
        String pretrained,
        boolean loadFinetuned,
        String finetuned) {

    /** The architecture's name. */
    public static final String ARCHITECTURE = "blip2_opt";

    private static final double LN_VISION_EPS = 1e-5;
    private static final int PATCH_SIZE = 14; // of every vision encoder here
    private static final List<String> VIT_MODELS = List.of("eva_clip_g", "clip_L", "eva_small");
    private static final List<String> QFORMER_MODELS = List.of(QFormerWeights.MODEL, "small");

    public Blip2OptType {
        new Checks()
                .that(VIT_MODELS.contains(vitModel), "vit_model", "one of " + VIT_MODELS, vitModel)
                .that(QFORMER_MODELS.contains(qformerModel), "qformer_model", "one of " + QFORMER_MODELS, qformerModel)
                .that(
                        imageSize > 0 && imageSize % PATCH_SIZE == 0,
                        "image_size",
                        "a positive multiple of the patch size " + PATCH_SIZE,
                        imageSize)
                .that(dropPathRate >= 0 && dropPathRate < 1, "drop_path_rate", "at least 0 and below 1", dropPathRate)
                .atLeast("num_query_token", numQueryToken, 1)
                .atLeast("max_txt_len", maxTxtLen, 2)
                .done();
    }

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
        if (!published().contains(name)) {
            throw new IllegalArgumentException(
                    "unknown type \"%s\" of %s, expected one of %s".formatted(name, ARCHITECTURE, published()));
        }
        return named(name);
    }

    /**
     * A type by its default file {@code configs/model/blip2_opt_NAME.yaml}: the published, and {@code small}, which is
     * trained from scratch.
     *
     * @throws io.lavis4j.config.ConfigException if there is no such file; the message names those that there are
     */
    public static Blip2OptType named(String name) {
        var model = Configuration.model(ARCHITECTURE, name).section("model");
        var type = model.read(Blip2OptType::read);
        model.requireValid();
        return Section.present(type);
    }

    /** Reads a {@code model} section that has its type's defaults. Where LAVIS needs a key, it must be there. */
    public static Blip2OptType read(Section model) {
        model.check(model.string("arch", ARCHITECTURE).equals(ARCHITECTURE), "arch", ARCHITECTURE);
        model.ignore("model_type");
        model.check(!model.flag("apply_lemmatizer", false), "apply_lemmatizer", "False, as there is no lemmatizer yet");
        boolean loadPretrained = model.flag("load_pretrained", true),
                loadFinetuned = model.flag("load_finetuned", true);
        String pretrained = model.string("pretrained", ""), finetuned = model.string("finetuned", "");
        model.check(
                !loadFinetuned || !finetuned.isBlank(),
                "finetuned",
                "the name of a checkpoint, as load_finetuned is true");
        model.check(
                loadFinetuned || !loadPretrained || !pretrained.isBlank(),
                "pretrained",
                "the name of a checkpoint, as load_pretrained is true");
        return new Blip2OptType(
                model.string("vit_model", "eva_clip_g"),
                model.integer("image_size"),
                model.number("drop_path_rate", 0),
                model.flag("use_grad_checkpoint", false),
                model.choice("vit_precision", Precision.FP16),
                model.flag("freeze_vit", true),
                model.string("qformer_model", QFormerWeights.MODEL),
                model.integer("num_query_token"),
                model.string("opt_model", "facebook/opt-2.7b"),
                model.string("prompt", ""),
                model.integer("max_txt_len", 32),
                loadPretrained,
                pretrained,
                loadFinetuned,
                finetuned);
    }

    /** Shape and behaviour, given the language model's shape; OPT itself is stored in fp16, as in the reference. */
    public Blip2OptConfig config(OptConfig opt) {
        var vision = vision();
        return new Blip2OptConfig(
                vision,
                LN_VISION_EPS,
                qformer(vision.numFeatures()),
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
            case "clip_L" -> ClipVitConfig.large(imageSize);
            case "eva_small" -> EvaVitConfig.small(imageSize, dropPathRate);
            default -> EvaVitConfig.giant(imageSize, dropPathRate);
        };
    }

    private QFormerConfig qformer(int encoderWidth) {
        return qformerModel.equals("small")
                ? QFormerConfig.small(numQueryToken, encoderWidth)
                : QFormerConfig.bertBase(numQueryToken, encoderWidth);
    }

    /**
     * The files by their published names; what is trained from scratch has none.
     *
     * @throws IllegalArgumentException if a checkpoint is to be loaded and its name is empty
     */
    public Blip2OptFiles files() {
        String backbone = switch (vitModel) {
            case "clip_L" -> ClipVitWeights.FILE;
            case "eva_small" -> null;
            default -> EvaVitWeights.FILE;
        };
        String bert = qformerModel.equals("small") ? null : qformerModel;
        return new Blip2OptFiles(backbone, bert, optModel, checkpoint());
    }

    private @Nullable String checkpoint() {
        if (loadFinetuned) {
            return required("finetuned", finetuned);
        }
        return loadPretrained ? required("pretrained", pretrained) : null;
    }

    private static String required(String key, String reference) {
        if (reference.isBlank()) {
            throw new IllegalArgumentException(
                    "load_%s is true, but %s is empty: name a checkpoint there, or set load_%s to false"
                            .formatted(key, key, key));
        }
        return reference;
    }
}
