package io.lavis4j.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Section;
import io.lavis4j.generate.GenerationConfig;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CaptioningConfigTest {

    private static CaptioningConfig read(Map<String, Object> run) {
        var section = Section.root(Map.of("run", run)).section("run");
        var config = section.read(CaptioningConfig::read);
        section.requireValid();
        return Section.present(config);
    }

    @Test
    void whatIsNotSaidHasLavisDefaults() {
        assertThat(read(Map.of()))
                .isEqualTo(new CaptioningConfig(
                        new GenerationConfig(false, 5, 30, 1, 0.9, 50, 1, 1.15, 0, 1, List.of()),
                        true,
                        null,
                        "image_id",
                        "caption",
                        null,
                        List.of(),
                        TextParts.NONE));
    }

    @Test
    void everyKeyIsRead() {
        assertThat(read(Map.ofEntries(
                        Map.entry("num_beams", 3),
                        Map.entry("max_len", 20),
                        Map.entry("min_len", 8),
                        Map.entry("repetition_penalty", 1),
                        Map.entry("length_penalty", -1.5),
                        Map.entry("top_p", 0.5),
                        Map.entry("temperature", 2),
                        Map.entry("report_metric", false),
                        Map.entry("annotation_file", "gt.json"),
                        Map.entry("sample_id_key", "instance_id"),
                        Map.entry("caption_key", "inference"),
                        Map.entry("img_ids", List.of(3, "b")),
                        Map.entry("text_parts", List.of("Clue", "Inference")))))
                .isEqualTo(new CaptioningConfig(
                        new GenerationConfig(false, 3, 20, 8, 0.5, 50, 2, 1, -1.5, 1, List.of()),
                        false,
                        "gt.json",
                        "instance_id",
                        "inference",
                        null,
                        List.of("3", "b"),
                        new TextParts(List.of("Clue", "Inference"))));
        assertThat(read(Map.of("load_gt_from_file", "gt.csv")).loadGtFromFile()).isEqualTo("gt.csv");
        assertThat(read(Map.of("load_gt_from_file", false)).loadGtFromFile()).isNull();
    }

    @Test
    void everyWrongValueIsReportedAtOnce() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> read(Map.ofEntries(
                        Map.entry("num_beams", 0),
                        Map.entry("max_len", 0),
                        Map.entry("min_len", 40), // of a max_len that is right, it may be
                        Map.entry("repetition_penalty", 0),
                        Map.entry("top_p", 2),
                        Map.entry("temperature", 0),
                        Map.entry("load_gt_from_file", true))))
                .satisfies(e -> assertThat(e.problems())
                        .containsExactly(
                                "run.num_beams must be at least 1, got 0",
                                "run.max_len must be at least 1, got 0",
                                "run.top_p must be from 0 to 1, got 2",
                                "run.temperature must be above 0, got 0",
                                "run.repetition_penalty must be above 0, got 0",
                                "run.load_gt_from_file must be a text, in quotes, got true"));
    }
}
