package io.lavis4j.dataset.sherlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.dataset.Sample;
import io.lavis4j.dataset.SampleTexts;
import io.lavis4j.image.Box;
import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import io.lavis4j.processor.TextProcessor;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SherlockMapperTest {

    private static final TextProcessor LOWER_CASE = new TextProcessor() {
        @Override
        public String process(String text) {
            return prompt() + text.toLowerCase(Locale.ROOT);
        }

        @Override
        public String prompt() {
            return "Inference: ";
        }
    };

    private static SherlockRecord record(@Nullable String clue) {
        return new SherlockRecord(
                "VG_100K/1.jpg", 40, 30, List.of(new Box(1, 2, 3, 4)), clue, 2.0, 0, "It Rains", "abc", null);
    }

    @Test
    void theInferenceIsGivenToTheTextProcessor() {
        assertThat(SherlockMapper.INFERENCE.textInput(record("Wet"), LOWER_CASE))
                .isEqualTo("Inference: it rains");
        assertThat(SherlockMapper.INFERENCE.prompt(record("Wet"), LOWER_CASE)).isNull();
        assertThat(SherlockMapper.INFERENCE.lacks(record(null))).isNull();
    }

    @Test
    void clueAndInferenceAreCleanedBetweenTheirNames() {
        assertThat(SherlockMapper.CLUE_INFERENCE.textInput(record("Wet Dogs"), LOWER_CASE))
                .isEqualTo("Clue: wet dogs Inference: it rains");
        assertThat(SherlockMapper.CLUE_INFERENCE.prompt(record("Wet Dogs"), LOWER_CASE))
                .isNull();
    }

    @Test
    void aGivenCluesPromptIsTheBeginningOfWhatWasLearnt() {
        var mapper = SherlockMapper.INFERENCE_GIVEN_CLUE;

        assertThat(mapper.prompt(record("Wet Dogs"), LOWER_CASE)).isEqualTo("Clue: wet dogs Inference:");
        assertThat(mapper.textInput(record("Wet Dogs"), LOWER_CASE)).isEqualTo("Clue: wet dogs Inference: it rains");
    }

    @Test
    void aRecordWithoutClueLacksIt() {
        for (var mapper : List.of(SherlockMapper.CLUE_INFERENCE, SherlockMapper.INFERENCE_GIVEN_CLUE)) {
            assertThat(mapper.lacks(record(null))).isEqualTo("inputs.clue");
            assertThat(mapper.lacks(record(" "))).isEqualTo("inputs.clue");
            assertThat(mapper.lacks(record("x"))).isNull();
            assertThatThrownBy(() -> mapper.textInput(record(null), LOWER_CASE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("abc");
        }
    }

    @Test
    void referenceAndRegionsAreTheRecords() {
        for (var mapper : SherlockMapper.values()) {
            assertThat(mapper.reference(record("x")))
                    .isEqualTo(mapper == SherlockMapper.CLUE_INFERENCE ? "Clue: x Inference: It Rains" : "It Rains");
            assertThat(mapper.regions(record("x"), RegionMode.HIDE))
                    .isEqualTo(new Regions(List.of(new Box(1, 2, 3, 4)), 40, 30, RegionMode.HIDE));
        }
    }

    @Test
    void usersMapRecordsAsTheyLike() {
        SampleMapper upper = (record, text) -> record.inference().toUpperCase(Locale.ROOT);
        var dataset = new SherlockDataset(
                "mine",
                List.of(record("x"), record("y")),
                new SherlockPaths(List.of(Path.of("/data"))),
                upper,
                RegionMode.NONE);

        assertThat(dataset.size()).isEqualTo(2);
        assertThat(dataset.sample(1, LOWER_CASE))
                .isEqualTo(new Sample(
                        Path.of("/data/vg/images/VG_100K/1.jpg"),
                        new Regions(List.of(new Box(1, 2, 3, 4)), 40, 30, RegionMode.NONE),
                        SampleTexts.of("abc", "IT RAINS")
                                .withReferences(List.of("It Rains"))
                                .withGroups(SherlockGroups.all(record("y")))));
        assertThat(dataset.references()).containsExactly(Map.entry("abc", List.of("It Rains")));
    }
}
