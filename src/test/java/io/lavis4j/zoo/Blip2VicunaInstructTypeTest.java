package io.lavis4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Section;
import io.lavis4j.model.evavit.EvaVitConfig;
import io.lavis4j.model.llama.LlamaConfig;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.Precision;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Blip2VicunaInstructTypeTest {

    private static Blip2VicunaInstructType read(Map<String, Object> model) {
        var section = Section.root(Map.of("model", model)).section("model");
        var type = ModelZoo.BLIP2_VICUNA_INSTRUCT.read(section);
        section.requireValid();
        return (Blip2VicunaInstructType) Section.present(type);
    }

    private static void assertProblems(Map<String, Object> model, String... problems) {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> read(model))
                .satisfies(e -> assertThat(e.problems()).containsExactlyInAnyOrder(problems));
    }

    @Test
    void whatIsNotSaidIsAsInLavisClass() {
        assertThat(read(Map.of("image_size", 224, "num_query_token", 32, "llm_model", "vicuna", "finetuned", "a.pth")))
                .isEqualTo(new Blip2VicunaInstructType(
                        new VisionKeys(
                                "eva_clip_g", 224, 0, false, GradientCheckpoint.Granularity.FULL, Precision.FP16, true),
                        new QFormerKeys("bert-base-uncased", 32),
                        "vicuna",
                        "",
                        128,
                        256,
                        true,
                        new LanguageKeys(Precision.FP16, false),
                        new CheckpointKeys(true, "", true, "a.pth")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"7b", "13b"})
    void publishedTypesHaveTheReferencesValues(String size) {
        var type = (Blip2VicunaInstructType) ModelZoo.BLIP2_VICUNA_INSTRUCT.type("vicuna" + size);
        var config = type.config(LlamaConfig.vicuna7b());
        assertThat(config.blip2().vision()).isEqualTo(EvaVitConfig.giant(224, 0));
        assertThat(config.blip2().vitPrecision()).isEqualTo(Precision.FP16);
        assertThat(config.blip2().freezeVit()).isTrue();
        assertThat(config.blip2().useGradCheckpoint()).isFalse();
        assertThat(config.blip2().qformer().numQueries()).isEqualTo(32);
        assertThat(config.blip2().maxTxtLen()).isEqualTo(128);
        assertThat(config.maxOutputTxtLen()).isEqualTo(256);
        assertThat(config.qformerTextInput()).isTrue();
        assertThat(config.prompt()).isEmpty();
        assertThat(config.precision()).isEqualTo(Precision.FP16);
        assertThat(config.llama().vocabSize()).isEqualTo(32001);
        assertThat(config.llama().padTokenId()).isEqualTo(32000);
        assertThat(type.sources())
                .extracting(WeightSource::reference)
                .containsExactly(
                        "eva_vit_g.pth",
                        "bert-base-uncased",
                        "bert-base-uncased",
                        "./llm/vicuna-" + size,
                        "InstructBLIP/instruct_blip_vicuna%s_trimmed.pth".formatted(size));
    }

    @Test
    void bertsVocabularyIsNeededOnlyByAQFormerThatReadsInstructions() {
        var type = read(Map.of(
                "image_size",
                224,
                "num_query_token",
                32,
                "llm_model",
                "vicuna",
                "qformer_text_input",
                false,
                "finetuned",
                "a.pth"));
        assertThat(type.sources()).extracting(WeightSource::lookup).doesNotContain(WeightSource.Lookup.TOKENIZER);
    }

    @Test
    void everyProblemIsReportedAtOnce() {
        assertProblems(
                Map.of(
                        "image_size", 224,
                        "num_query_token", 32,
                        "finetuned", "a.pth",
                        "llm_modell", "vicuna",
                        "max_txt_len", 1,
                        "max_output_txt_len", 0,
                        "apply_lemmatizer", true),
                "model.llm_modell is unknown; did you mean llm_model?",
                "model.llm_model is missing; expected a text",
                "model.max_txt_len must be at least 2, got 1",
                "model.max_output_txt_len must be at least 2, got 0",
                "model.apply_lemmatizer must be False, as there is no lemmatizer yet, got true");
    }
}
