package io.lavis4j.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Scores of pycocoevalcap 1.2, from the strings that its own tokenizer made and from the captions themselves. */
class CaptionMetricParityTest {

    private static final double TOLERANCE = 1e-9;

    private static final List<String> METRICS = List.of("Bleu_1", "Bleu_2", "Bleu_3", "Bleu_4", "ROUGE_L", "CIDEr");

    @TestFactory
    Stream<DynamicTest> tokenisedCaptionsScoreAsInTheReference() {
        return tests(corpus -> assertScores(corpus, MetricFiles.items(corpus, "tok_hypothesis", "tok_references")));
    }

    @TestFactory
    Stream<DynamicTest> captionsScoreAsInTheReference() {
        return tests(corpus -> assertScores(corpus, CaptionMetrics.tokenize(MetricFiles.items(corpus))));
    }

    @TestFactory
    Stream<DynamicTest> captionsAreTokenisedAsInTheReference() {
        return tests(corpus -> assertThat(CaptionMetrics.tokenize(MetricFiles.items(corpus)))
                .containsExactlyElementsOf(MetricFiles.items(corpus, "tok_hypothesis", "tok_references")));
    }

    private static Stream<DynamicTest> tests(Consumer<JsonNode> test) {
        var tests = new ArrayList<DynamicTest>();
        for (var file : MetricFiles.of("captions")) {
            for (var corpus : MetricFiles.json(file).get("corpora")) {
                tests.add(dynamicTest(
                        file.getFileName() + ": " + corpus.get("name").asText(), () -> test.accept(corpus)));
            }
        }
        assertThat(tests).isNotEmpty();
        return tests.stream();
    }

    private static void assertScores(JsonNode corpus, List<CaptionItem> items) {
        var expected = corpus.get("items");
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
