package io.lavis4j.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CaptionFileTest {

    private static final Map<String, List<String>> TWO =
            Map.of("7", List.of("a dog", "one dog"), "b", List.of("a, \"cat\""));

    @TempDir
    private Path folder = Path.of("");

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private Map<String, List<String>> read(String name, String text) throws IOException {
        return CaptionFile.read(file(name, text)).references();
    }

    @Test
    void everyFormSaysTheSame() throws IOException {
        assertThat(read("coco.json", """
                        {"images": [{"id": 7}], "annotations": [
                          {"image_id": 7, "caption": "a dog", "id": 0}, {"image_id": "b", "caption": "a, \\"cat\\""},
                          {"image_id": "7", "caption": "one dog"}]}""")).isEqualTo(TWO);
        assertThat(read("list.json", """
                        [{"image_id": 7, "caption": ["a dog", "one dog"]}, {"image_id": "b", "caption": "a, \\"cat\\""}]""")).isEqualTo(TWO);
        assertThat(read("map.json", """
                        {"7": ["a dog", "one dog"], "b": {"caption": "a, \\"cat\\""}}""")).isEqualTo(TWO);
        assertThat(read("lines.jsonl", """
                        {"image_id": 7, "caption": "a dog"}

                        {"image_id": 7, "caption": "one dog"}
                        {"image_id": "b", "caption": "a, \\"cat\\""}
                        """)).isEqualTo(TWO);
        assertThat(read("table.csv", "image_id,caption\r\n7,a dog\r\n7,one dog\r\nb,\"a, \"\"cat\"\"\"\r\n"))
                .isEqualTo(TWO);
        assertThat(read("table.tsv", "image_id\tcaption\n7\ta dog\n7\tone dog\nb\t\"a, \"\"cat\"\"\"\n"))
                .isEqualTo(TWO);
    }

    @Test
    void byteOrderMarksSayTheEncoding() throws IOException {
        String text = "{\"1\": \"caf\u00e9\"}";
        for (var charset : List.of(StandardCharsets.UTF_16BE, StandardCharsets.UTF_16LE, StandardCharsets.UTF_8)) {
            var file = Files.write(folder.resolve("encoded.json"), ("\uFEFF" + text).getBytes(charset));
            assertThat(CaptionFile.read(file).hypotheses()).as(charset.name()).containsEntry("1", "caf\u00e9");
        }
    }

    @Test
    void otherEncodingsAreRefusedWithTheByte() throws IOException {
        String text = "{\"1\": \"caf\u00e9\"}";
        var latin = Files.write(folder.resolve("latin.json"), text.getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> CaptionFile.read(latin))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContainingAll("latin.json", "byte 0xE9 at offset 10", "UTF-8");
        byte[] bytes = ("\uFEFF" + text).getBytes(StandardCharsets.UTF_16LE);
        var cut = Files.write(folder.resolve("cut.json"), Arrays.copyOf(bytes, bytes.length - 1));
        assertThatThrownBy(() -> CaptionFile.read(cut)).hasMessageContainingAll("cut.json", "UTF-16");
    }

    @Test
    void numbersAndTextsAreTheSameIds() throws IOException {
        assertThat(read("mixed.json", """
                [{"image_id": 7, "caption": "a"}, {"image_id": "7", "caption": "b"}, {"image_id": "07", "caption": "c"}]""")).isEqualTo(Map.of("7", List.of("a", "b"), "07", List.of("c")));
        for (String id : List.of("7.5", "null", "true", "[7]")) {
            var file = file("id.json", "[{\"image_id\": %s, \"caption\": \"a\"}]".formatted(id));
            assertThatThrownBy(() -> CaptionFile.read(file)).hasMessageContainingAll("id.json, record 0", id);
        }
    }

    @Test
    void anIdThatOccursTwiceInAnObjectIsNamed() throws IOException {
        var file = file("map.json", "{\"7\": \"a\", \"8\": \"b\", \"7\": \"c\"}");
        assertThatThrownBy(() -> CaptionFile.read(file)).hasMessageContainingAll("map.json, line 1", "'7'");
    }

    @Test
    void emptyCaptionsAreCaptionsButNullIsNone() throws IOException {
        assertThat(read("empty.json", "{\"1\": \"\", \"2\": \" \"}"))
                .isEqualTo(Map.of("1", List.of(""), "2", List.of(" ")));
        var items =
                List.of(new CaptionItem("1", "", List.of("a dog")), new CaptionItem("2", "a dog", List.of("", "dog")));
        var scores = CaptionMetrics.score(CaptionMetrics.tokenize(items));
        assertThat(scores.items().get("ROUGE_L")).startsWith(0).doesNotContain(Double.NaN);
        var none = file("null.json", "{\"1\": null}");
        assertThatThrownBy(() -> CaptionFile.read(none)).hasMessageContainingAll("id 1", "got null");
        var noTexts = file("notexts.json", "{\"1\": []}");
        assertThatThrownBy(() -> CaptionFile.read(noTexts)).hasMessageContainingAll("id 1", "got []");
    }

    @Test
    void lineBreaksInCaptionsAreBlanks() throws IOException {
        var breaks = List.of("\\n", "\\r\\n", "\\r", "\\u2028", "\u2028", "\\u0085", "\u0085", "\\u000b", "\\f");
        for (String lineBreak : breaks) {
            var text = "{\"image_id\": 1, \"caption\": \"a dog.%sIt runs\"}".formatted(lineBreak);
            for (var file : List.of(file("b.json", "[" + text + "]"), file("b.jsonl", text + "\r\n\r\n" + text))) {
                var captions = CaptionFile.read(file).hypotheses();
                var items = CaptionItem.join(captions, Map.of("1", List.of("x")));
                assertThat(CaptionMetrics.tokenize(items).get(0).hypothesis())
                        .as(lineBreak)
                        .isEqualTo("a dog it runs");
            }
        }
        assertThat(read("b.csv", "image_id,caption\n1,\"a\ndog\"\n")).isEqualTo(Map.of("1", List.of("a\ndog")));
    }

    @Test
    void theLineOfAFaultyRecordIsNamed() throws IOException {
        var lines = file("l.jsonl", "{\"image_id\": 1, \"caption\": \"a\"}\n{\"image_id\": 2,\n");
        assertThatThrownBy(() -> CaptionFile.read(lines)).hasMessageContaining("l.jsonl, line 2:");
        var table = file("t.csv", "image_id,caption\n1,a\n2\n");
        assertThatThrownBy(() -> CaptionFile.read(table)).hasMessageContaining("t.csv, line 3: expected 2 values");
    }

    @Test
    void nanCostsNothingButInAnId() throws IOException {
        assertThat(read("nan.json", """
                [{"image_id": 7, "similarity": NaN, "caption": "a"}, {"image_id": 8, "caption": "b", "x": [-Infinity]}]""")).containsOnlyKeys("7", "8");
        assertThat(read("nan.jsonl", "{\"image_id\": 7, \"caption\": \"a\", \"punsafe\": NaN}\r\n"))
                .containsKey("7");
        assertThat(read("coco.json", """
                {"info": {"version": NaN}, "annotations": [{"image_id": 7, "caption": "a"}], "x": NaN}""")).containsKey("7");
        var id = file("id.json", "[{\"image_id\": NaN, \"caption\": \"a\"}]");
        assertThatThrownBy(() -> CaptionFile.read(id)).hasMessageContainingAll("id.json, record 0", "image_id", "NaN");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`` | line 1: the file is empty; expected a header with image_id and caption",
                "`\n \n` | line 3: the file is empty",
                "`image_id,caption\n0,a man, on a horse` | line 2: expected 2 values, as the header has, got 3",
                "`image_id,caption\n0,\"a\nb\"\n1` | line 4: expected 2 values, as the header has, got 1",
                "`image_id,caption\n\n0,\"a man\n1,dogs\n` | line 3: a quote that opens a value is not closed",
                "`image_id,caption\n0,\"a\" man\n` | line 2: a quote that opens a value is not closed, or the value goes on after its closing quote",
                "`sep=,\nimage_id,caption\n` | line 1: the header has the columns [sep=, ]; expected image_id and caption",
                "`image_id;caption\n0;a` | line 1: the header has the columns [image_id;caption]; expected",
                "`image_id,caption,caption\n` | expected image_id and caption once each, separated by commas",
                "`image_id,caption\n` | has no captions; expected at least one",
            })
    void faultsOfTablesAreNamedWithFileAndLine(String text, String message) throws IOException {
        for (String name : List.of("t.csv", "t.tsv")) {
            boolean tabs = name.equals("t.tsv") && !text.startsWith("sep");
            var file = file(name, tabs ? text.replace(',', '\t') : text);
            if (tabs || name.equals("t.csv")) {
                assertThatThrownBy(() -> CaptionFile.read(file))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageStartingWith(file.toString())
                        .hasMessageContaining(tabs ? message.replace("commas", "tabs") : message)
                        .hasMessageNotContaining("Source");
            }
        }
    }

    @Test
    void tablesAreReadAsPythonWritesThem() throws IOException {
        assertThat(read("t.tsv", "image_id\tcaption\textra\r\n1\tsay \"hi\", then\t\r\n\r\n2\t\"a\t\"\"b\"\"\"\tx"))
                .isEqualTo(Map.of("1", List.of("say \"hi\", then"), "2", List.of("a\t\"b\"")));
        assertThat(read("t.csv", "caption, image_id\r\"a\r\nb\",1\r,2\r"))
                .isEqualTo(Map.of("1", List.of("a\r\nb"), "2", List.of("")));
    }

    @Test
    void jacksonsOwnWordsReachNobody() throws IOException {
        for (String text : List.of("[{\"image_id\": 1}", "[1}", "{\"7\": \"a\",}", "[".repeat(1001), "")) {
            for (String name : List.of("x.json", "x.jsonl", "x.csv", "x.tsv")) {
                var file = file(name, text);
                assertThatThrownBy(() -> CaptionFile.read(file))
                        .hasMessageStartingWith(file.toString())
                        .hasMessageNotContainingAny("Source", "Feature", "Constraints", "line -1");
            }
        }
    }

    @Test
    void ofSeveralResultsForAnIdTheFirstCounts() throws IOException {
        var file = CaptionFile.read(file("r.json", """
                [{"image_id": 1, "caption": "first"}, {"image_id": 2, "caption": ""}, {"image_id": 1, "caption": "second"}]"""));
        assertThat(file.hypotheses()).containsExactly(Map.entry("1", "first"), Map.entry("2", ""));
        assertThat(file.repeated()).containsExactly("1");
    }

    @Test
    void otherKeysCanBeNamed() throws IOException {
        var path = file("keys.json", "[{\"instance_id\": \"x\", \"inference\": \"it rains\"}]");
        assertThat(CaptionFile.read(path, "instance_id", "inference").hypotheses())
                .containsEntry("x", "it rains");
        assertThatThrownBy(() -> CaptionFile.read(path))
                .hasMessageContaining("keys.json, record 0")
                .hasMessageContaining("\"image_id\"");
    }

    @Test
    void whatIsNoCaptionFileIsRefusedWithItsPlace() throws IOException {
        var notJson = file("broken.json", "[\n{\"image_id\": 1,\n");
        assertThatThrownBy(() -> CaptionFile.read(notJson)).hasMessageContaining("broken.json, line");
        var trailing = file("trailing.json", "[] []");
        assertThatThrownBy(() -> CaptionFile.read(trailing)).hasMessageContaining("trailing.json");
        var empty = file("empty.json", "[]");
        assertThatThrownBy(() -> CaptionFile.read(empty)).hasMessageContaining("no captions");
        var number = file("number.json", "[{\"image_id\": 1, \"caption\": 5}]");
        assertThatThrownBy(() -> CaptionFile.read(number)).hasMessageContainingAll("(id 1)", "got 5");
        var missing = folder.resolve("missing.json");
        assertThatThrownBy(() -> CaptionFile.read(missing)).hasMessageContaining("missing.json");
    }
}
