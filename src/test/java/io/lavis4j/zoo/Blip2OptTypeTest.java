package io.lavis4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Section;
import io.lavis4j.model.evavit.EvaVitConfig;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.model.qformer.QFormerConfig;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.Precision;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Device;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

class Blip2OptTypeTest {

    private static Blip2OptType read(Map<String, Object> model) {
        var section = Section.root(Map.of("model", model)).section("model");
        var type = ModelZoo.BLIP2_OPT.read(section);
        section.requireValid();
        return (Blip2OptType) Section.present(type);
    }

    private static void assertProblems(Map<String, Object> model, String... problems) {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> read(model))
                .satisfies(e -> assertThat(e.problems()).containsExactlyInAnyOrder(problems));
    }

    @Test
    void whatIsNotSaidIsAsInLavisClass() {
        assertThat(read(Map.of("image_size", 224, "num_query_token", 32, "finetuned", "a.pth")))
                .isEqualTo(new Blip2OptType(
                        new VisionKeys(
                                "eva_clip_g", 224, 0, false, GradientCheckpoint.Granularity.FULL, Precision.FP16, true),
                        new QFormerKeys("bert-base-uncased", 32),
                        "facebook/opt-2.7b",
                        "",
                        32,
                        new LanguageKeys(Precision.FP16, false),
                        new CheckpointKeys(true, "", true, "a.pth")));
    }

    @Test
    void aTrainedVisionEncoderIsStoredInFp32WhereNothingIsSaid() {
        var required =
                new TreeMap<String, Object>(Map.of("image_size", 224, "num_query_token", 32, "finetuned", "a.pth"));
        required.put("freeze_vit", false);
        assertThat(read(required).vision().vitPrecision()).isEqualTo(Precision.FP32);
    }

    @ParameterizedTest
    @CsvSource({"cuda, pretrain_opt2.7b, 1", "cuda, caption_coco_opt2.7b, 0", "cpu, pretrain_opt2.7b, 0"})
    void fp16OfAFrozenVisionEncoderIsLogged(String device, String name, int lines) {
        var type = (Blip2OptType) ModelZoo.BLIP2_OPT.type(name);
        var logger = (Logger) LoggerFactory.getLogger(ModelLoader.class);
        var level = logger.getLevel();
        var log = new ListAppender<ILoggingEvent>();
        log.start();
        logger.addAppender(log);
        logger.setLevel(Level.INFO);
        try {
            assertThatExceptionOfType(ConfigException.class)
                    .isThrownBy(() -> type.configured(new Device(device), () -> {
                        throw new IllegalArgumentException("no weights here");
                    }))
                    .withMessageContaining("model: no weights here");
        } finally {
            logger.setLevel(level);
            logger.detachAppender(log);
        }
        assertThat(log.list)
                .hasSize(lines)
                .allSatisfy(
                        line -> assertThat(line.getFormattedMessage())
                                .isEqualTo(
                                        "The vision encoder is frozen and stored in fp16; model.vit_precision=fp32 stores it in fp32"));
    }

    @Test
    void theSmallTypeIsTrainedFromScratch() {
        var type = (Blip2OptType) ModelZoo.BLIP2_OPT.type("small");
        var config = type.config(OptConfig.published("opt-2.7b"));
        assertThat(config.blip2().vision()).isEqualTo(new EvaVitConfig(84, 14, 64, 2, 4, 256, 0, 1e-6));
        assertThat(config.blip2().qformer())
                .isEqualTo(new QFormerConfig(8, 64, 2, 4, 256, 2, 64, 234, 512, 1e-12, 0.1));
        assertThat(config.prompt()).isEqualTo("Inference:");
        assertThat(config.blip2().freezeVit()).isFalse();
        assertThat(config.blip2().vitPrecision()).isEqualTo(Precision.FP32);
        assertThat(type.sources()).extracting(WeightSource::reference).containsExactly("lavis4j/opt-small");
    }

    @Test
    void everyProblemIsReportedAtOnce() {
        assertProblems(
                Map.of(
                        "arch",
                        "blip2_t5",
                        "image_sizes",
                        224,
                        "vit_model",
                        "eva2_clip_L",
                        "vit_precision",
                        "fp8",
                        "apply_lemmatizer",
                        true,
                        "load_finetuned",
                        false),
                "model.arch must be blip2_opt, got \"blip2_t5\"",
                "model.image_size is missing; expected a whole number",
                "model.image_sizes is unknown; did you mean image_size?",
                "model.num_query_token is missing; expected a whole number",
                "model.vit_model must be one of [eva_clip_g, clip_L, eva_small], got \"eva2_clip_L\"",
                "model.vit_precision is \"fp8\", which is unknown; did you mean fp32? Known are [bf16, fp16, fp32]",
                "model.apply_lemmatizer must be False, as there is no lemmatizer yet, got true",
                "model.pretrained must be the name of a checkpoint, as load_pretrained is true, got null");
    }

    @Test
    void valuesOutOfRangeAreProblems() {
        assertProblems(
                Map.of(
                        "image_size", 365,
                        "num_query_token", 0,
                        "max_txt_len", 1,
                        "drop_path_rate", 1,
                        "qformer_model", "bert-large",
                        "finetuned", " "),
                "model.image_size must be a positive multiple of the patch size 14, got 365",
                "model.num_query_token must be at least 1, got 0",
                "model.max_txt_len must be at least 2, got 1",
                "model.drop_path_rate must be at least 0 and below 1, got 1.0",
                "model.qformer_model must be one of [bert-base-uncased, small], got \"bert-large\"",
                "model.finetuned must be the name of a checkpoint, as load_finetuned is true, got \" \"");
    }
}
