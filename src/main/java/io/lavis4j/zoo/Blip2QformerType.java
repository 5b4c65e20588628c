package io.lavis4j.zoo;

import io.lavis4j.config.Checks;
import io.lavis4j.config.Section;
import io.lavis4j.model.blip2.Blip2Qformer;
import io.lavis4j.model.blip2.Blip2QformerConfig;
import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tokenize.Tokenizer;
import java.util.List;
import org.bytedeco.pytorch.Device;

/**
 * A type of {@code blip2}, {@code blip2_feature_extractor} or {@code blip2_image_text_matching}: BLIP-2's first stage,
 * which is one class under three names.
 *
 * @param vision keys of the vision encoder
 * @param qformer keys of the Q-Former
 * @param maxTxtLen longest text, in tokens
 * @param checkpoint keys of the checkpoint
 */
public record Blip2QformerType(VisionKeys vision, QFormerKeys qformer, int maxTxtLen, CheckpointKeys checkpoint)
        implements Blip2Type<Blip2Qformer> {

    static final Architecture<Blip2Qformer> FEATURE_EXTRACTOR = architecture("blip2_feature_extractor");
    static final Architecture<Blip2Qformer> BLIP2 = architecture("blip2");
    static final Architecture<Blip2Qformer> IMAGE_TEXT_MATCHING = architecture("blip2_image_text_matching");

    public Blip2QformerType {
        new Checks().atLeast("max_txt_len", maxTxtLen, 2).done();
    }

    private static Architecture<Blip2Qformer> architecture(String name) {
        return new Architecture<>(
                name, Blip2Qformer.class, Blip2QformerType::read, List.of("pretrain", "pretrain_vitL", "coco"));
    }

    /** Reads a {@code model} section that has its type's defaults. */
    static Blip2QformerType read(Section model) {
        int maxTxtLen = Blip2Type.length(model, "max_txt_len", 32);
        return Blip2Type.read(
                model, (vision, qformer, checkpoint) -> new Blip2QformerType(vision, qformer, maxTxtLen, checkpoint));
    }

    @Override
    public QFormer.Parts parts() {
        return QFormer.Parts.ALL;
    }

    @Override
    public Blip2Qformer create(LocatedWeights files, Device device) {
        return configured(device, () -> Blip2Qformer.open(config(), files.of(QFormerKeys.TOKENIZER), device));
    }

    @Override
    public ModelShape shape(WeightFiles weights) {
        return new ModelShape(config().blip2(), parts(), null, 0);
    }

    @Override
    public List<TextLimit> textLimits() {
        String vocabulary = qformer.tokenizer().reference();
        return List.of(TextLimit.ofInput("max_txt_len", maxTxtLen, vocabulary, Tokenizer::qformer));
    }

    /** On a GPU it computes in fp16, as in the reference, or as its vision encoder is stored. */
    Blip2QformerConfig config() {
        return new Blip2QformerConfig(
                vision.blip2(qformer, maxTxtLen),
                Blip2QformerConfig.EMBED_DIM,
                vision.vitPrecision().halfOr(Precision.FP16));
    }
}
