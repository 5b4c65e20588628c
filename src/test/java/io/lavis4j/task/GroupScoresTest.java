package io.lavis4j.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.metric.CaptionItem;
import io.lavis4j.metric.CaptionMetrics;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GroupScoresTest {

    @Test
    void everyGroupHasTheMetricsUnderItsName() {
        var scores = CaptionMetrics.score(List.of(
                new CaptionItem("a", "a dog", List.of("a dog")),
                new CaptionItem("b", "a cat", List.of("the bird")),
                new CaptionItem("c", "two", List.of("two"))));
        var named = GroupScores.of(
                scores,
                Map.of(
                        "a", Map.of("confidence", "3", "source", "VG"),
                        "b", Map.of("confidence", "1", "source", "VG"),
                        "c", Map.of("confidence", "3", "source", "VG")));
        assertThat(named)
                .containsEntry("items[confidence=1]", 1.0)
                .containsEntry("items[confidence=3]", 2.0)
                .containsEntry("ROUGE_L[confidence=1]", 0.0)
                .containsEntry("ROUGE_L[confidence=3]", 1.0)
                .containsKeys("CIDEr[confidence=3]", "Bleu_4[confidence=1]")
                .allSatisfy((name, score) ->
                        assertThat(name).as("one source is not a breakdown").doesNotContain("source"))
                .doesNotContainKeys("CIDEr", "agg_metrics", "loss");
    }

    @Test
    void samplesWithoutGroupsHaveNone() {
        var scores = CaptionMetrics.score(List.of(new CaptionItem("a", "a dog", List.of("a dog"))));
        assertThat(GroupScores.of(scores, Map.of())).isEmpty();
    }
}
