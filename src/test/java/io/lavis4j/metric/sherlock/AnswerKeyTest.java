package io.lavis4j.metric.sherlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerKeyTest {

    private static final String RETRIEVAL = """
            {"t1": ["a", "a"], "t2": ["a", "b"], "t3": ["b", "a"], "t4": ["b", "b"]}""";

    @TempDir
    private Path folder = Path.of("");

    private Path file(String name, String content) {
        try {
            return Files.writeString(folder.resolve(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private AnswerKey key(String json) {
        return AnswerKey.read(file("key.json", json));
    }

    private Predictions predictions(AnswerKey key, String json) {
        return Predictions.read(file("predictions.json", json), key.testIds());
    }

    @Test
    void equalScoresShareTheMeanOfTheirRanks() {
        double[] scores = {3, 5, 3, 3, 1};
        assertThat(RetrievalKey.rank(scores, 1)).isEqualTo(1);
        assertThat(RetrievalKey.rank(scores, 0)).isEqualTo(3);
        assertThat(RetrievalKey.rank(scores, 3)).isEqualTo(3);
        assertThat(RetrievalKey.rank(scores, 4)).isEqualTo(5);
    }

    @Test
    void aTieAtTheTopIsNoFirstRank() {
        var key = key(RETRIEVAL);
        var scores = key.score(predictions(key, "{\"t1\": 1, \"t2\": 1, \"t3\": 0, \"t4\": 2}"));
        assertThat(scores).isEqualTo(new RetrievalScores(1.25, 1, 50, 2));
    }

    @Test
    void theFirstOfEqualProposalsIsTakenAndHalfIsNotEnough() {
        var key = key("""
                {"z": {"type": "auto", "image": "i", "inst_id": "a", "IoU": 0.51},
                 "b": {"type": "auto", "image": "i", "inst_id": "a", "IoU": 0.1},
                 "c": {"type": "auto", "image": "i", "inst_id": "b", "IoU": 0.5},
                 "d": {"type": "auto", "image": "j", "inst_id": "c", "IoU": 0.9},
                 "e": {"type": "auto", "image": "j", "inst_id": "c", "IoU": 0.2}}""");
        assertThat(key.score(predictions(key, "{\"z\": 1, \"b\": 1, \"c\": 1, \"d\": 0, \"e\": 1}")))
                .isEqualTo(new LocalizationScores(Double.NaN, 0, 25, 75, 2));
    }

    @Test
    void boxesAreAssignedOneToOneWithinAnImage() {
        var key = key("""
                {"1": {"type": "gt", "image": "i", "inst_id": "a", "bbox_idx": 0, "correct": true},
                 "2": {"type": "gt", "image": "i", "inst_id": "a", "bbox_idx": 1, "correct": false},
                 "3": {"type": "gt", "image": "i", "inst_id": "b", "bbox_idx": 0, "correct": false},
                 "4": {"type": "gt", "image": "i", "inst_id": "b", "bbox_idx": 1, "correct": true}}""");
        // both inferences like box 0 best, b gains more from it
        assertThat(key.score(predictions(key, "{\"1\": 5, \"2\": 4, \"3\": 5, \"4\": 0}"))
                        .lines())
                .containsExactly("acc gt bbox = 0.0000 (n=1), acc auto bbox = nan (n=0), acc oracle bbox = nan (n=0)");
        assertThat(key.score(predictions(key, "{\"1\": 5, \"2\": 0, \"3\": 5, \"4\": 4}"))
                        .values())
                .containsEntry("gt_bbox", 100.0);
    }

    @Test
    void numbersArePrintedAsPythonRoundsThem() {
        assertThat(new RetrievalScores(0.0625, 2.5, 0.1875, 2).lines())
                .containsExactly("im2txt: 0.062", "txt2im: 2.500", "p_at_1: 0.188");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{} | the answer key is empty",
                "{\"t\": 3} | \"t\" is 3; expected [region, text]",
                "{\"t\": [\"a\"]} | \"t\" is [\"a\"]; expected [region instance, text instance]",
                "{\"t\": [\"a\", \"b\"]} | expected the same instances",
                "{\"t\": [\"a\", \"a\"], \"u\": [\"b\", \"b\"]} | 2 test ids of 2 pairs; expected one for each of the 4",
                "{\"t\": [\"a\", \"a\"], \"u\": [\"a\", \"a\"]} | 2 test ids of 1 pairs",
                "{\"t\": {\"type\": \"gtt\", \"image\": \"i\", \"inst_id\": \"a\"}} | expected type \"gt\" with bbox_idx",
                "{\"t\": {\"type\": \"auto\", \"inst_id\": \"a\"}} | expected a text \"image\"",
                "{\"t\": {\"type\": \"auto\", \"image\": \"i\", \"inst_id\": \"a\", \"IoU\": NaN}} | IoU (a finite number)",
                "{\"test_id_map\": {\"t\": {\"Input_iid\": \"i\", \"candidate\": \"s\"}}, \"annotations\": [{\"Input_iid\": \"i\", \"candidates\": [{\"source_iid\": \"s\", \"annot1\": 1, \"annot2\": NaN}]}]} | expected a finite number \"annot2\", got NaN",
                "{\"test_id_map\": {}, \"annotations\": []} | 0 test ids and 0 annotations",
                "{\"test_id_map\": {}, \"annotation\": []} | \"annotation\" is unexpected here",
            })
    void keysThatAreWrongAreNamed(String json, String because) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> key(json))
                .withMessageStartingWith(folder.resolve("key.json") + ": ")
                .withMessageContaining(because);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "[] | line 1, column 1: found '[' at the start; expected a JSON object, the answer key of a task",
                "{\"t\": [\"a\", \"a\"] | line 1, column 17: it ends in the middle",
            })
    void filesThatAreNotAnObjectAreNamed(String json, String because) {
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> key(json))
                .withMessageStartingWith(folder.resolve("key.json") + ", " + because);
    }

    @Test
    void anImageWithoutAScoreForEachPairIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> key("""
                        {"1": {"type": "gt", "image": "i", "inst_id": "a", "bbox_idx": 0, "correct": true},
                         "2": {"type": "gt", "image": "i", "inst_id": "a", "bbox_idx": 1, "correct": false}}"""))
                .withMessageContaining("image i has 1 inferences; expected a test id for each");
    }

    @Test
    void inferencesOfTheSameBoxAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> key("""
                        {"1": {"type": "gt", "image": "i", "inst_id": "a", "bbox_idx": 0, "correct": true},
                         "2": {"type": "gt", "image": "i", "inst_id": "b", "bbox_idx": 0, "correct": true}}"""))
                .withMessageContaining(
                        "inference b has the true boxes [0]; expected one, which is no other inference's");
    }

    /** The scores that the official scorer prints for these, found by running it. */
    @Test
    void equalScoresAreAssignedAsTheOfficialScorerDoes() {
        var keyJson = new StringBuilder("{");
        var scores = new StringBuilder("{");
        for (int box = 0; box < 4; box++) {
            for (int inference = 0; inference < 4; inference++) {
                keyJson.append(
                        "\"%d%d\": {\"type\": \"gt\", \"image\": \"i\", \"inst_id\": \"%d\", \"bbox_idx\": %d, \"correct\": %b},"
                                .formatted(box, inference, inference, box, inference == (box + 1) % 4));
                scores.append("\"%d%d\": 0,".formatted(box, inference));
            }
        }
        keyJson.setCharAt(keyJson.length() - 1, '}');
        scores.setCharAt(scores.length() - 1, '}');
        var key = key(keyJson.toString());
        assertThat(key.score(predictions(key, scores.toString())).values()).containsEntry("gt_bbox", 0.0);
    }

    @Test
    void moreCandidatesThanThereIsNoiseForAreRefused() {
        var candidates = "{\"source_iid\": \"s\", \"annot1\": 1, \"annot2\": 2},".repeat(11);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> key("""
                        {"test_id_map": {"t": {"Input_iid": "i", "candidate": "s"}},
                         "annotations": [{"Input_iid": "i", "candidates": [%s]}]}""".formatted(candidates.substring(0, candidates.length() - 1))))
                .withMessageContaining("annotation of i has 11 candidates; expected 1 to 10");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{\"t1\": 1, \"t2\": 1, \"t3\": 0} | 1 of 4 test ids have no score; the first is t4",
                "{\"t1\": 1, \"t2\": 1, \"t3\": 0, \"t4\": 1, \"t5\": 1} | the first is t5",
                "{\"t1\": 1, \"t2\": 1, \"t3\": 0, \"t4\": NaN} | the score of test id t4 is NaN",
                "{\"t1\": 1, \"t2\": 1, \"t3\": 0, \"t4\": \"x\"} | the score of test id t4 is \"x\"",
                "{\"t1\": 1, \"t1\": 1, \"t3\": 0, \"t4\": 1} | Duplicate field 't1'",
                "1 2 3 | is neither a .npy file nor a JSON object from test id to score, line 1, column 3: found '2' after the end",
                "[] | is neither a .npy file nor a JSON object",
                "{\"t1\": 1, \"t2\": 1, \"t3\": 0, \"t4\": 1e400} | the score of test id t4 is Infinity; expected a finite",
            })
    void predictionsThatAreWrongAreNamed(String json, String because) {
        var key = key(RETRIEVAL);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> predictions(key, json))
                .withMessageStartingWith(folder.resolve("predictions.json").toString())
                .withMessageContaining(because);
    }

    @Test
    void anArrayOfAnotherLengthIsRefused() throws IOException {
        var array = folder.resolve("three.npy");
        Files.write(array, NpyArray.float32(new float[3]).bytes());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Predictions.read(array, key(RETRIEVAL).testIds()))
                .withMessage(array + ": has 3 scores, expected 4, one for each test id");
    }

    @Test
    void predictionsAndKeysMayBeWrittenByAnyProgram() throws IOException {
        var key = key(RETRIEVAL);
        String json = "\r\n {\"t1\": 1, \"t2\": 1, \"t3\": 0, \"t4\": 2}\r\n";
        for (var charset : List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_16LE)) {
            var file = Files.write(folder.resolve("marked.json"), ("\ufeff" + json).getBytes(charset));
            assertThat(Predictions.read(file, key.testIds()).scores()).containsEntry("t4", 2.0);
        }
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> Predictions.read(folder, key.testIds()))
                .withMessage(folder + " is a folder");
    }

    @Test
    void testIdsAreAListOfTexts() {
        assertThat(Predictions.readIds(file("ids.json", "[\"b\", \"a\"]"))).containsExactly("b", "a");
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> Predictions.readIds(file("ids.json", "{\"b\": 1}")))
                .withMessageContaining("expected a JSON list of test ids");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Predictions.readIds(file("ids.json", "[\"b\", 1]")))
                .withMessageContaining("ids.json: element 1 is 1; expected a test id");
        assertThat(new Predictions(Map.of("a", 1.0)).scores()).containsOnlyKeys(List.of("a"));
    }
}
