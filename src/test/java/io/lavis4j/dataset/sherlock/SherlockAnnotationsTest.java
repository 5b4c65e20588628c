package io.lavis4j.dataset.sherlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.dataset.OnBroken;
import io.lavis4j.image.Box;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SherlockAnnotationsTest {

    private static final String URL = "https://cs.stanford.edu/people/rak248/VG_100K/1.jpg";

    @TempDir
    private Path folder;

    private Path file(String json) throws IOException {
        return Files.writeString(folder.resolve("records.json"), json);
    }

    private static String record(String id, String url) {
        return """
                {"inputs": {"image": {"url": "%s", "width": 4, "height": 3},
                 "bboxes": [{"height": 1, "width": 2, "left": 0, "top": 0}],
                 "clue": "c", "confidence": 2.0, "obs_idx": 0}, "targets": {"inference": "i"}, "instance_id": "%s"}""".formatted(url, id);
    }

    @Test
    void theMiniCorpusIsReadWhole() {
        var train = SherlockAnnotations.read(SherlockMini.TRAIN, OnBroken.FAIL).records();
        var val = SherlockAnnotations.read(SherlockMini.VAL, OnBroken.FAIL).records();

        assertThat(train).hasSize(64).allMatch(record -> record.splitIdx() == null);
        assertThat(val).hasSize(16).allMatch(record -> record.splitIdx() != null);
        assertThat(train.get(0))
                .isEqualTo(new SherlockRecord(
                        "https://cs.stanford.edu/people/rak248/VG_100K/9100186.jpg",
                        500,
                        375,
                        List.of(new Box(41, 236, 126, 126)),
                        "a purple star by the sea",
                        3.0,
                        0,
                        "it’s a “café” – très chic",
                        "1c994df8eea55d6c4da2640aca41d1d2",
                        null));
    }

    @Test
    void fieldsComeInAnyOrderWithOthersAmongThem() throws IOException {
        var records = SherlockAnnotations.read(file("""
                                [{"instance_id": "a", "note": [1, {"x": null}], "split_idx": 3,
                                  "targets": {"more": {}, "inference": "so"},
                                  "inputs": {"obs_idx": 1, "extra": 1e400, "bboxes": [
                                    {"top": 4, "left": -3, "confidence": 0.5, "width": 2, "height": 1},
                                    {"top": 0.5, "left": 0.49, "width": 0, "height": 1e3}],
                                   "image": {"height": 9, "url": "%s", "width": 8.0}}}]
                                """.formatted(URL)), OnBroken.FAIL)
                .records();

        assertThat(records)
                .containsExactly(new SherlockRecord(
                        URL, 8, 9, List.of(new Box(-3, 4, 2, 1), new Box(0, 1, 0, 1000)), null, null, 1, "so", "a", 3));
    }

    @Test
    void equalTextsAreKeptOnce() throws IOException {
        var records = SherlockAnnotations.read(
                        file("[" + record("a", URL) + "," + record("b", URL) + "]"), OnBroken.FAIL)
                .records();

        assertThat(records.get(0).url()).isSameAs(records.get(1).url());
        assertThat(records.get(0).inference()).isSameAs(records.get(1).inference());
        assertThat(records.get(0).clue()).isSameAs(records.get(1).clue());
        assertThat(records.get(0).confidence()).isSameAs(records.get(1).confidence());
    }

    @Test
    void onlyTheFirstFaultsAreSpeltOut() throws IOException {
        var faulty = "[" + "{\"instance_id\": \"x\"},".repeat(25) + record("a", URL) + "]";

        assertThatThrownBy(() -> SherlockAnnotations.read(file(faulty), OnBroken.FAIL))
                .isInstanceOf(AnnotationException.class)
                .hasMessageContaining("25 of the 26 records of " + folder.resolve("records.json"))
                .hasMessageContaining("record 9 (instance_id x): inputs is missing")
                .hasMessageNotContaining("record 10 ")
                .hasMessageContaining("and 15 more");
        var sound = SherlockAnnotations.read(file(faulty), OnBroken.SKIP);
        assertThat(sound.records()).hasSize(1);
        assertThat(sound.skipped()).isEqualTo(25);
    }

    @Test
    void recordsOfSeveralFilesFollowEachOtherAndShareTheirNames() throws IOException {
        var a = Files.writeString(folder.resolve("a.json"), "[" + record("a", URL) + "]");
        var b = Files.writeString(folder.resolve("b.json"), "[" + record("b", URL) + "," + record("a", URL) + "]");

        assertThat(SherlockAnnotations.read(List.of(a, b), OnBroken.SKIP).records())
                .extracting(SherlockRecord::instanceId)
                .containsExactly("a", "b", "a");
        assertThatThrownBy(() -> SherlockAnnotations.read(List.of(a, b), OnBroken.FAIL))
                .isInstanceOf(AnnotationException.class)
                .hasMessageContaining("record 1 (instance_id a): instance_id is that of record 0 of " + a + " too");
    }

    @Test
    void aFaultInTheTextIsNamedByLineAndColumn() throws IOException {
        var text = "[\n" + record("é", URL) + ",\n  oops]";

        assertThatThrownBy(() -> SherlockAnnotations.read(file(text), OnBroken.SKIP))
                .isInstanceOf(AnnotationException.class)
                .hasMessageContaining(folder.resolve("records.json").toString())
                .hasMessageContaining("line 5, column 3: ")
                .hasMessageContaining("'oops'");
    }

    @Test
    void aNumberThatIsAskedForIsFiniteAndOthersMayBeNaN() throws IOException {
        var sound = record("a", URL).replace("2.0", "NaN").replace("\"obs_idx\"", "\"x\": [NaN, 1e400], \"obs_idx\"");
        assertThat(SherlockAnnotations.read(file("[" + sound + "]"), OnBroken.FAIL)
                        .records())
                .singleElement()
                .extracting(SherlockRecord::confidence)
                .isNull();
        for (String key : List.of("\"left\": ", "\"width\": ", "\"obs_idx\": ")) {
            for (String value : List.of("NaN", "-Infinity", "1e999")) {
                var faulty = record("b", URL).replaceFirst(key + "\\d+", key + value);
                assertThatThrownBy(() -> SherlockAnnotations.read(file("[" + faulty + "]"), OnBroken.FAIL))
                        .hasMessageContainingAll(
                                "records.json",
                                "record 0 (instance_id b): ",
                                key.substring(1, key.length() - 3) + " is " + value.replace("1e999", "Infinity"));
            }
        }
    }

    @Test
    void halfASurrogatePairIsAFaultOfTheRecord() throws IOException {
        var faulty = record("a", URL).replace("\"i\"", "\"half \\ud83d\"");
        assertThatThrownBy(() -> SherlockAnnotations.read(file("[" + faulty + "]"), OnBroken.FAIL))
                .hasMessageContainingAll("(instance_id a): targets.inference is \"half", "half surrogate pairs");
    }

    @Test
    void lineEndsOfWindowsMarksAndFoldersAreKnown() throws IOException {
        var text = "\ufeff[\r\n" + record("a", URL).replace("\n", "\r\n") + "\r\n]\r\n";
        assertThat(SherlockAnnotations.read(file(text), OnBroken.FAIL).records())
                .hasSize(1);
        assertThatThrownBy(() -> SherlockAnnotations.read(folder, OnBroken.FAIL))
                .isInstanceOf(AnnotationException.class)
                .hasMessageStartingWith(folder + " is a folder; expected a JSON list of records");
        assertThatThrownBy(() -> SherlockAnnotations.read(file(""), OnBroken.FAIL))
                .hasMessageContaining("records.json, line 1, column 1: it is empty; expected a JSON list of records");
        assertThatThrownBy(() -> SherlockAnnotations.read(file("[]"), OnBroken.FAIL))
                .hasMessageContaining("the list is empty");
        assertThatThrownBy(() -> SherlockAnnotations.read(
                        file(record("a", URL).replace("\n", "") + "\r\n" + record("b", URL)), OnBroken.FAIL))
                .hasMessageContaining("line 1, column 1: found '{' at the start; expected a JSON list of records");
    }

    @Test
    void whatIsNoFileOfTextIsNamed() throws IOException {
        assertThatThrownBy(() -> SherlockAnnotations.read(folder.resolve("none.json"), OnBroken.SKIP))
                .isInstanceOf(AnnotationException.class)
                .hasMessageContaining(folder.resolve("none.json") + " is not there");
        assertThatThrownBy(() -> SherlockAnnotations.read(folder, OnBroken.SKIP))
                .isInstanceOf(AnnotationException.class);
        var zeros = Files.write(folder.resolve("zeros.json"), new byte[100]);
        assertThatThrownBy(() -> SherlockAnnotations.read(zeros, OnBroken.SKIP))
                .isInstanceOf(AnnotationException.class)
                .hasMessageContaining("zeros.json");
        var zip = Files.write(folder.resolve("zip.json"), new byte[] {'P', 'K', 3, 4, 20, 0});
        assertThatThrownBy(() -> SherlockAnnotations.read(zip, OnBroken.SKIP))
                .isInstanceOf(AnnotationException.class)
                .hasMessageContaining("whole and unpacked");
    }
}
