package io.lavis4j.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CaptionMetricsTest {

    private static CaptionItem item(String id, String hypothesis, String... references) {
        return new CaptionItem(id, hypothesis, List.of(references));
    }

    @Test
    void repeatedIdsAreNamed() {
        var items = List.of(item("a", "x", "x"), item("b", "x", "x"), item("a", "y", "x"));
        assertThatThrownBy(() -> CaptionMetrics.score(items))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("more than once: a;");
    }

    @Test
    void anItemWithoutReferencesIsNamed() {
        assertThatThrownBy(() -> item("seven", "x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("seven");
    }

    @Test
    void anEmptyCorpusIsRefused() {
        assertThatThrownBy(() -> CaptionMetrics.score(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void joiningNamesIdsThatOneSideLacks() {
        var references = Map.of("1", List.of("a"), "2", List.of("b"));
        assertThatThrownBy(() -> CaptionItem.join(Map.of("1", "a"), references))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("without hypothesis: 2;");
        assertThatThrownBy(() -> CaptionItem.join(Map.of("1", "a", "2", "b", "3", "c"), references))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("without references: 3;");
        assertThatThrownBy(() -> CaptionItem.join(Map.of("1", "a"), Map.of("1", List.of())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("empty list of references: 1;");
        assertThat(CaptionItem.join(Map.of("1", "a", "2", "c"), references))
                .contains(item("1", "a", "a"), item("2", "c", "b"))
                .hasSize(2);
    }

    @Test
    void idsThatOneSideLacksAreNamedInTheirOrder() {
        var references = new LinkedHashMap<String, List<String>>();
        List.of("10", "b", "9", "07", "a", "100", "8").forEach(id -> references.put(id, List.of("x")));
        assertThatThrownBy(() -> CaptionItem.join(Map.of("8", "x"), references))
                .hasMessageContaining("6 items without hypothesis: 9, 10, 100, 07, a, b;");
    }

    @Test
    void bleuClipsCountsAtTheReferenceThatHasTheWordMostOften() {
        var bleu = CaptionMetrics.score(List.of(item("1", "the the the the", "the cat the", "the dog")))
                .corpus()
                .get("Bleu_1");
        assertThat(bleu).isCloseTo(0.5, within(1e-8));
    }

    @Test
    void bleuTakesTheShorterOfTwoEquallyCloseLengths() {
        var bleu = CaptionMetrics.score(List.of(item("1", "a b c", "a b c d", "a b")))
                .corpus()
                .get("Bleu_1");
        assertThat(bleu).as("no brevity penalty").isCloseTo(1, within(1e-8));
    }

    @Test
    void rougeTakesPrecisionAndRecallFromDifferentReferences() {
        var rouge = CaptionMetrics.score(List.of(item("1", "a b", "a b c d", "a")))
                .corpus()
                .get("ROUGE_L");
        assertThat(rouge).isEqualTo(1);
    }

    @Test
    void ciderOfOneItemIsZero() {
        assertThat(CaptionMetrics.score(List.of(item("1", "a b", "a b")))
                        .corpus()
                        .get("CIDEr"))
                .isEqualTo(0);
    }

    @Test
    void scoresDoNotDependOnTheOrderOfItems() {
        var random = new Random(1);
        var items = new ArrayList<CaptionItem>();
        for (int i = 0; i < 3000; i++) {
            items.add(item("" + i, sentence(random), sentence(random), sentence(random)));
        }
        var scores = CaptionMetrics.score(items);
        Collections.shuffle(items, random);
        var shuffled = CaptionMetrics.score(items);
        scores.corpus()
                .forEach((metric, score) ->
                        assertThat(shuffled.corpus().get(metric)).as(metric).isCloseTo(score, within(1e-12)));
        for (int i = 0; i < items.size(); i++) {
            var other = shuffled.item(i);
            scores.item(Integer.parseInt(items.get(i).id()))
                    .forEach((metric, score) ->
                            assertThat(other.get(metric)).as(metric).isCloseTo(score, within(1e-12)));
        }
    }

    /** Up to 20 of 300 words, frequent ones and rare ones. */
    private static String sentence(Random random) {
        var words = new ArrayList<String>();
        for (int n = random.nextInt(20); n > 0; n--) {
            words.add("w" + (int) (300 * Math.pow(random.nextDouble(), 3)));
        }
        return String.join(" ", words);
    }
}
