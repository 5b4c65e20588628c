package io.lavis4j.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        for (var charset : List.of(StandardCharsets.UTF_16, StandardCharsets.UTF_8)) {
            byte[] bytes = ((charset.equals(StandardCharsets.UTF_8) ? "\uFEFF" : "") + text).getBytes(charset);
            var file = Files.write(folder.resolve("encoded.json"), bytes);
            assertThat(CaptionFile.read(file).hypotheses()).containsEntry("1", "caf\u00e9");
        }
        var latin = Files.write(folder.resolve("latin.json"), text.getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> CaptionFile.read(latin))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("latin.json", "UTF-8");
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
        assertThatThrownBy(() -> CaptionFile.read(number)).hasMessageContaining("(id 1)", "got 5");
        var missing = folder.resolve("missing.json");
        assertThatThrownBy(() -> CaptionFile.read(missing)).hasMessageContaining("missing.json");
    }
}
