package io.lavis4j.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickstartTest {

    @TempDir
    Path output;

    private final QuickstartCorpus corpus = new QuickstartCorpus(12, 36, 5);

    private static JsonNode read(Path file) {
        try {
            return new ObjectMapper().readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, String> answers(Path annotations, UnaryOperator<String> change) {
        var answers = new HashMap<String, String>();
        for (var record : read(annotations)) {
            answers.put(
                    record.get("instance_id").asText(),
                    change.apply(record.at("/targets/inference").asText()));
        }
        return answers;
    }

    /** Knows every inference but those that say "ski". */
    private static Quickstart.Outcome job(Path root, Path shuffled) {
        var val = QuickstartCorpus.validationFile(root);
        return new Quickstart.Outcome(
                12.5,
                List.of(new LossPoint(0, 4), new LossPoint(10, 0.5)),
                Map.of("CIDEr", 1.25, "CIDEr[confidence=3]", 1.5, "items[confidence=3]", 20.0),
                answers(val, text -> text.replace(" ski", " <ski> & \"rest\"")),
                answers(shuffled, text -> "no idea"),
                answers(val, text -> text.contains(" red ") ? text : "no idea"));
    }

    @Test
    void theSummaryHasTheFiguresOfTheAnswers() {
        var results = new Quickstart(corpus, output).run(QuickstartTest::job);
        var summary = read(output.resolve("summary.json"));
        assertThat(summary.get("records").asInt()).isEqualTo(72);
        assertThat(summary.get("exact_match").asDouble()).isEqualTo(60 / 72.0);
        assertThat(summary.get("exact_match_shuffled_pictures").asDouble()).isZero();
        assertThat(summary.get("exact_match_without_highlight").asDouble()).isEqualTo(12 / 72.0);
        assertThat(summary.get("distinct_inferences").asInt()).isEqualTo(36);
        assertThat(summary.get("distinct_generated").asInt()).isEqualTo(36);
        assertThat(summary.get("train_seconds").asDouble()).isEqualTo(12.5);
        assertThat(summary.at("/scores/CIDEr").asDouble()).isEqualTo(1.25);
        var unseen = results.answers().stream().filter(results::isUnseen).toList();
        assertThat(summary.get("exact_match_unseen_pairs").asDouble())
                .isEqualTo(unseen.stream().filter(Answer::isRight).count() / (double) unseen.size());
        assertThat(summary.get("unseen_pairs").asDouble())
                .isEqualTo(unseen.stream().map(Answer::truth).distinct().count() / 36.0)
                .isGreaterThanOrEqualTo(0.25);
    }

    @Test
    void thePageStandsAloneAndShowsTextAsText() throws IOException {
        new Quickstart(corpus, output).run(QuickstartTest::job);
        String page = Files.readString(output.resolve("report.html"));
        assertThat(page)
                .contains("&lt;ski&gt; &amp; &quot;rest&quot;")
                .doesNotContain("<ski>")
                .contains("<figcaption>Training loss</figcaption>", "<path class=\"line\" d=\"M")
                .contains("src=\"data:image/jpeg;base64,/9j/")
                .contains("unseen pair")
                .doesNotContain("http://")
                .doesNotContain("https://")
                .doesNotContain("%s");
        assertThat(page.split("<figure class=\"card\"", -1)).hasSize(1 + 36);
    }

    @Test
    void figuresComeFirstAndImagesBeforeTheScores() throws IOException {
        new Quickstart(corpus, output).run(QuickstartTest::job);
        assertThat(Files.readString(output.resolve("report.html")))
                .containsSubsequence(
                        "<dt>as drawn</dt><dd class=\"value\">0.8333</dd>",
                        "<dt>distinct inferences</dt><dd>36, ",
                        "<figcaption>Training loss</figcaption>",
                        "<h3>Wrong <span class=\"quiet\">all 12</span></h3>",
                        "<h3>Right <span class=\"quiet\">24 of 60, from all over the split</span></h3>",
                        "<th scope=\"col\">items</th><th scope=\"col\">CIDEr</th>",
                        "<th scope=\"row\">all</th><td>72</td><td>1.2500</td>",
                        "<th scope=\"row\">confidence 3</th><td>20</td><td>1.5000</td>");
    }

    @Test
    void aShuffledRecordKeepsItsIdAndInferenceAndHasTheInputsOfAnother() {
        new Quickstart(corpus, output).run(QuickstartTest::job);
        var val = read(QuickstartCorpus.validationFile(output.resolve("corpus")));
        var shuffled = read(output.resolve("val_shuffled.json"));
        assertThat(shuffled).hasSameSizeAs(val);
        var inputs = new java.util.HashSet<JsonNode>();
        for (int i = 0; i < val.size(); i++) {
            assertThat(shuffled.get(i).get("instance_id")).isEqualTo(val.get(i).get("instance_id"));
            assertThat(shuffled.get(i).get("targets")).isEqualTo(val.get(i).get("targets"));
            assertThat(shuffled.get(i).get("inputs")).isNotEqualTo(val.get(i).get("inputs"));
            inputs.add(shuffled.get(i).get("inputs"));
        }
        assertThat(inputs).hasSize(val.size());
    }

    @Test
    void aRecordWithoutAnAnswerIsAnError() {
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> new Quickstart(corpus, output)
                        .run((root, shuffled) ->
                                new Quickstart.Outcome(1, List.of(), Map.of(), Map.of("a", "b"), Map.of(), Map.of())))
                .withMessageStartingWith("no answer to record ");
        assertThat(output.resolve("summary.json")).doesNotExist();
    }
}
