package io.lavis4j.metric;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class BreakdownTest {

    private static final List<CaptionItem> ITEMS = List.of(
            new CaptionItem("a1", "a dog runs", List.of("a red dog runs")),
            new CaptionItem("b1", "a dog", List.of("two cats sleep here")),
            new CaptionItem("a2", "a bird", List.of("one bird flies")));

    @Test
    void eachGroupIsScoredByItsItems() {
        var scores = CaptionMetrics.score(ITEMS);
        var groups = Breakdown.by(scores, id -> id.substring(0, 1)).groups();
        assertThat(groups.keySet()).containsExactly("a", "b");
        var group = Objects.requireNonNull(groups.get("a"));
        assertThat(group.items()).isEqualTo(2);
        var alone = CaptionMetrics.score(List.of(ITEMS.get(0), ITEMS.get(2))).corpus();
        for (String metric : List.of("Bleu_1", "Bleu_4", "ROUGE_L")) {
            assertThat(group.scores().get(metric))
                    .as(metric)
                    .isCloseTo(Objects.requireNonNull(alone.get(metric)), Offset.offset(1e-12));
        }
        var cider = Objects.requireNonNull(scores.items().get("CIDEr"));
        assertThat(group.scores().get("CIDEr"))
                .as("with the frequencies of the whole corpus")
                .isEqualTo((cider[0] + cider[2]) / 2)
                .isNotEqualTo(alone.get("CIDEr"));
    }
}
