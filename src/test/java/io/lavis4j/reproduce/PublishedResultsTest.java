package io.lavis4j.reproduce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.config.Configuration;
import io.lavis4j.runner.JobConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The shipped table of published results. */
class PublishedResultsTest {

    private static final PublishedResults ALL = PublishedResults.shipped();

    static List<String> runnable() {
        return ALL.results().stream()
                .filter(result -> result.config() != null)
                .map(PublishedResult::name)
                .toList();
    }

    @Test
    void namesAreUnique() {
        assertThat(ALL.results()).extracting(PublishedResult::name).doesNotHaveDuplicates();
        assertThat(ALL.get("ret_coco").what()).contains("5,000 images");
        assertThatThrownBy(() -> ALL.get("ret_coca"))
                .hasMessage("\"ret_coca\" is not a published result; did you mean ret_coco?");
    }

    @ParameterizedTest
    @MethodSource("runnable")
    void theConfigurationIsShippedAndEvaluatesTheSplitsThatDecide(String name) {
        var result = ALL.get(name);
        var options = new ArrayList<>(result.settings());
        options.add("data_root=somewhere");
        var job = JobConfig.forEvaluation(Configuration.load(result.runnable(), options, variable -> null));
        assertThat(result.runnable()).startsWith("evaluate/");
        var deciding = result.scores().stream().filter(PublishedScore::decides).toList();
        assertThat(deciding)
                .isNotEmpty()
                .allSatisfy(score -> assertThat(job.splitsToEvaluate()).contains(score.split()));
        assertThat(result.scores().get(0).decides())
                .as("what decides comes first")
                .isTrue();
        assertThat(result.command(List.of("data_root=DIR")))
                .startsWith("lavis4j evaluate --cfg-path %s --options data_root=DIR".formatted(result.config()));
    }

    @Test
    void tolerancesAreThoseOfARerun() {
        var tolerances = Map.of("CIDEr", 0.3, "accuracy", 0.2, "txt_r1", 0.1, "img_r1", 0.1);
        var deciding = ALL.results().stream()
                .flatMap(result -> result.scores().stream())
                .filter(PublishedScore::decides)
                .toList();
        assertThat(deciding)
                .hasSizeGreaterThan(30)
                .allSatisfy(score -> assertThat(tolerances).containsEntry(score.metric(), score.tolerance()));
    }

    @Test
    void nothingIsClaimed() {
        assertThat(ALL.results())
                .extracting(PublishedResult::status)
                .containsOnly("published; not yet computed with lavis4j");
    }

    @Test
    void whatCannotBeRunSaysWhy() {
        var others =
                ALL.results().stream().filter(result -> result.config() == null).toList();
        assertThat(others)
                .extracting(PublishedResult::name)
                .contains("sherlock_clip_vit_b16", "sherlock_human", "ret_coco_vitL", "vqav2_zeroshot_opt2.7b_vitL");
        assertThat(others)
                .allSatisfy(result -> assertThatThrownBy(result::runnable)
                        .hasMessage("%s cannot be run: %s".formatted(result.name(), result.reason())));
    }
}
