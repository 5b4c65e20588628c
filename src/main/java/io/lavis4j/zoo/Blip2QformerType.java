package io.lavis4j.zoo;

import io.lavis4j.config.Checks;
import io.lavis4j.config.Section;
import io.lavis4j.model.blip2.Blip2Qformer;
import io.lavis4j.model.blip2.Blip2QformerConfig;
import io.lavis4j.model.qformer.QFormer;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
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
        implements ModelType<Blip2Qformer> {

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
        var vision = model.read(VisionKeys::read);
        var qformer = model.read(QFormerKeys::read);
        var checkpoint = model.read(CheckpointKeys::read);
        int maxTxtLen = model.integer("max_txt_len", 32);
        model.check(new Checks().atLeast("max_txt_len", maxTxtLen, 2));
        return new Blip2QformerType(
                Section.present(vision), Section.present(qformer), maxTxtLen, Section.present(checkpoint));
    }

    @Override
    public List<WeightSource<Blip2Qformer>> sources() {
        return Stream.of(
                        vision.<Blip2Qformer>source(),
                        qformer.source(Blip2Qformer::qformer),
                        Optional.of(qformer.<Blip2Qformer>tokenizer()),
                        checkpoint.<Blip2Qformer>source())
                .flatMap(Optional::stream)
                .toList();
    }

    @Override
    public Blip2Qformer create(LocatedWeights files, Device device) {
        return Blip2Qformer.open(config(), files.of(QFormerKeys.TOKENIZER), device);
    }

    @Override
    public ModelShape shape(WeightFiles weights) {
        return new ModelShape(config().blip2(), QFormer.Parts.ALL, null, 0);
    }

    Blip2QformerConfig config() {
        return new Blip2QformerConfig(vision.blip2(qformer, maxTxtLen), Blip2QformerConfig.EMBED_DIM);
    }

    @Override
    public boolean isNew(String parameter) {
        return QFormerKeys.isNew(parameter);
    }

    @Override
    public int imageSize() {
        return vision.imageSize();
    }

    @Override
    public boolean interpolatePosEmbed() {
        return checkpoint.interpolatePosEmbed();
    }
}
