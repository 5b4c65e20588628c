package io.lavis4j.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Scores of pycocoevalcap 1.2, from the strings that its own tokenizer made. */
class CaptionMetricParityTest {

    private static final double TOLERANCE = 1e-9;

    private static final List<String> METRICS = List.of("Bleu_1", "Bleu_2", "Bleu_3", "Bleu_4", "ROUGE_L", "CIDEr");

    @TestFactory
    Stream<DynamicTest> tokenisedCaptionsScoreAsInTheReference() {
        var tests = new ArrayList<DynamicTest>();
        for (var file : MetricFiles.of("captions")) {
            for (var corpus : MetricFiles.json(file).get("corpora")) {
                var name = file.getFileName() + ": " + corpus.get("name").asText();
                tests.add(dynamicTest(name, () -> assertScores(corpus)));
            }
        }
        assertThat(tests).isNotEmpty();
        return tests.stream();
    }

    private static void assertScores(JsonNode corpus) {
        var expected = corpus.get("items");
        var items = new ArrayList<CaptionItem>();
        for (var item : expected) {
            items.add(new CaptionItem(
                    item.get("id").asText(),
                    item.get("tok_hypothesis").textValue(),
                    MetricFiles.texts(item.get("tok_references"))));
        }
        var scores = CaptionMetrics.score(items);
        assertThat(scores.corpus().keySet()).containsExactlyElementsOf(METRICS);
        for (var metric : METRICS) {
            assertThat(scores.corpus().get(metric))
                    .as("%s of the corpus", metric)
                    .isCloseTo(corpus.get("corpus").get(metric).doubleValue(), within(TOLERANCE));
            for (int i = 0; i < items.size(); i++) {
                assertThat(scores.item(i).get(metric))
                        .as("%s of item %s", metric, items.get(i).id())
                        .isCloseTo(expected.get(i).get("scores").get(metric).doubleValue(), within(TOLERANCE));
            }
        }
    }
}
