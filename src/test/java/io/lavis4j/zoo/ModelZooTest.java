package io.lavis4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lavis4j.config.ConfigException;
import io.lavis4j.model.clipvit.ClipVitConfig;
import io.lavis4j.model.evavit.EvaVitConfig;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.model.t5.T5Config;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.Precision;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelZooTest {

    private final ModelZoo zoo = new ModelZoo();

    @Test
    void printsAsLavisDoes() {
        assertThat(zoo.toString())
                .startsWith("""
                ==================================================
                Architectures                  Types
                ==================================================
                """)
                .contains("\nblip2_opt                      pretrain_opt2.7b, pretrain_opt6.7b, caption_coco_opt2.7b,");
    }

    @Test
    void iteratesOverArchitecturesAndCountsTypes() {
        assertThat(zoo)
                .extracting(Architecture::name)
                .contains("blip2_opt", "blip2_t5")
                .doesNotHaveDuplicates();
        int types = 0;
        for (var architecture : zoo) {
            types += architecture.published().size();
        }
        assertThat(zoo.size()).isEqualTo(types);
        assertThat(zoo.get("blip2_opt")).isSameAs(ModelZoo.BLIP2_OPT);
        assertThat(ModelZoo.BLIP2_OPT.published()).hasSize(4).startsWith("pretrain_opt2.7b");
    }

    @Test
    void unknownNamesAreErrorsThatListTheKnown() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> zoo.get("vision_transformer"))
                .withMessageStartingWith("\"vision_transformer\" is not a known architecture; expected one of [")
                .withMessageContaining("blip2_opt");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> ModelZoo.BLIP2_OPT.type("pretrain"))
                .withMessageContaining("model_type is \"pretrain\", which is unknown")
                .withMessageContaining("caption_coco_opt6.7b");
    }

    @ParameterizedTest
    @CsvSource({
        "pretrain_opt2.7b, 224, FP16, true, '', facebook/opt-2.7b, BLIP2/blip2_pretrained_opt2.7b.pth",
        "pretrain_opt6.7b, 224, FP16, true, '', facebook/opt-6.7b, BLIP2/blip2_pretrained_opt6.7b.pth",
        "caption_coco_opt2.7b, 364, FP32, false, a photo of, facebook/opt-2.7b, BLIP2/blip2_caption_opt2.7b.pth",
        "caption_coco_opt6.7b, 364, FP32, false, a photo of, facebook/opt-6.7b, BLIP2/blip2_caption_opt6.7b.pth",
    })
    void publishedTypesHaveTheReferencesValues(
            String name,
            int imageSize,
            Precision precision,
            boolean freezeVit,
            String prompt,
            String optModel,
            String checkpoint) {
        var type = (Blip2OptType) ModelZoo.BLIP2_OPT.type(name);
        var config = type.config(OptConfig.published(optModel));
        assertThat(config.blip2().vision()).isEqualTo(EvaVitConfig.giant(imageSize, 0));
        assertThat(config.blip2().vitPrecision()).isEqualTo(precision);
        assertThat(config.precision()).isEqualTo(Precision.FP16);
        assertThat(config.blip2().freezeVit()).isEqualTo(freezeVit);
        assertThat(config.blip2().useGradCheckpoint()).isFalse();
        assertThat(config.prompt()).isEqualTo(prompt);
        assertThat(config.blip2().maxTxtLen()).isEqualTo(32);
        assertThat(config.blip2().qformer().numQueries()).isEqualTo(32);
        assertThat(type.sources())
                .extracting(WeightSource::reference)
                .containsExactly("eva_vit_g.pth", "bert-base-uncased", optModel, checkpoint);
    }

    @ParameterizedTest
    @CsvSource({
        "pretrain_flant5xl, 224, FP16, true, '', google/flan-t5-xl, BLIP2/blip2_pretrained_flant5xl.pth",
        "pretrain_flant5xxl, 224, FP16, true, '', google/flan-t5-xxl, BLIP2/blip2_pretrained_flant5xxl.pth",
        "caption_coco_flant5xl, 364, FP32, false, a photo of, google/flan-t5-xl, BLIP2/blip2_caption_flant5xl.pth",
    })
    void publishedTypesWithT5HaveTheReferencesValues(
            String name,
            int imageSize,
            Precision precision,
            boolean freezeVit,
            String prompt,
            String t5Model,
            String checkpoint) {
        var type = (Blip2T5Type) ModelZoo.BLIP2_T5.type(name);
        assertThat(type)
                .isEqualTo(new Blip2T5Type(
                        new VisionKeys(
                                "eva_clip_g",
                                imageSize,
                                0,
                                false,
                                GradientCheckpoint.Granularity.FULL,
                                precision,
                                freezeVit),
                        new QFormerKeys("bert-base-uncased", 32),
                        t5Model,
                        prompt,
                        32,
                        new LanguageKeys(Precision.BF16, false),
                        type.checkpoint()));
        assertThat(type.config(T5Config.flanT5Xl()).precision()).isEqualTo(Precision.BF16);
        assertThat(type.sources())
                .extracting(WeightSource::reference)
                .containsExactly("eva_vit_g.pth", "bert-base-uncased", t5Model, checkpoint);
        assertThat(ModelZoo.BLIP2_T5.type("pretrain_flant5xl_vitL").sources())
                .extracting(WeightSource::reference)
                .startsWith("clip_vit_L.pth")
                .endsWith("BLIP2/blip2_pretrained_flant5xl_vitL.pth");
    }

    @Test
    void finetunedComesBeforePretrainedAndBothMayBeOff() {
        assertThat(checkpoint(true, false, "a.pth", "b.pth")).isEqualTo("a.pth");
        assertThat(checkpoint(true, true, "a.pth", "b.pth")).isEqualTo("b.pth");
        assertThat(checkpoint(false, false, "a.pth", "b.pth")).isNull();
    }

    @Test
    void anEmptyNameOfACheckpointIsAnError() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> checkpoint(true, true, "a.pth", ""))
                .withMessage("load_finetuned is true, but finetuned is empty: name a checkpoint there, or set"
                        + " load_finetuned to false");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> checkpoint(true, false, " ", "b.pth"))
                .withMessageContaining("load_pretrained is true, but pretrained is empty");
    }

    private static @Nullable String checkpoint(
            boolean loadPretrained, boolean loadFinetuned, String pretrained, String finetuned) {
        return type("eva_clip_g", loadPretrained, pretrained, loadFinetuned, finetuned).sources().stream()
                .filter(WeightSource::isCheckpoint)
                .map(WeightSource::reference)
                .findFirst()
                .orElse(null);
    }

    private static Blip2OptType type(
            String vit, boolean loadPretrained, String pretrained, boolean loadFinetuned, String finetuned) {
        return new Blip2OptType(
                new VisionKeys(vit, 224, 0, false, GradientCheckpoint.Granularity.FULL, Precision.FP16, true),
                new QFormerKeys("bert-base-uncased", 32),
                "facebook/opt-2.7b",
                "",
                32,
                new LanguageKeys(Precision.FP16, false),
                new CheckpointKeys(loadPretrained, pretrained, loadFinetuned, finetuned));
    }

    @Test
    void clipIsTheOtherVisionEncoder() {
        var type = type("clip_L", false, "", false, "");
        assertThat(type.config(OptConfig.published("opt-2.7b")).blip2().vision())
                .isEqualTo(ClipVitConfig.large(224));
        assertThat(type.sources().get(0).reference()).isEqualTo("clip_vit_L.pth");
    }

    @ParameterizedTest
    @ValueSource(strings = {"eva2_clip_L", "clip", ""})
    void otherVisionEncodersAreErrors(String vit) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> type(vit, false, "", false, ""))
                .withMessage("vit_model must be one of [eva_clip_g, clip_L, eva_small], got \"" + vit + "\"");
    }
}
