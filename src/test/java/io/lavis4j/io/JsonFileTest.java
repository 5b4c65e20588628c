package io.lavis4j.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonFileTest {

    private static final String EXPECTED = "a JSON list of names";

    @TempDir
    private Path folder;

    private JsonFile file(String text) throws IOException {
        return JsonFile.of(Files.writeString(folder.resolve("a.json"), text), EXPECTED);
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        var file = folder.resolve("a.json");

        JsonFile.write(file, Map.of("names", List.of("né", 1, 0.5)));

        assertThat(file).hasContent("{\"names\":[\"né\",1,0.5]}");
        assertThat(JsonFile.of(file, EXPECTED).object().path("names")).hasSize(3);
        assertThat(JsonFile.of(file, EXPECTED).tree()).hasSize(1);
    }

    @Test
    void everyTextAndNumberCanBeWrittenAndReadAgain() {
        var file = folder.resolve("a.json");
        String pair = "né \ud83d\ude00", half = "\ud83d.";

        JsonFile.write(file, Map.of(half, List.of(pair, Double.NaN, Float.POSITIVE_INFINITY)));

        assertThat(file).hasContent("{\"\\ud83d.\":[\"né \\ud83d\\ude00\",null,null]}");
        assertThat(JsonFile.of(file, EXPECTED).object().path(half).path(0).textValue())
                .isEqualTo(pair);
    }

    @Test
    void theListUnderAKeyCanBeReadInPieces() throws IOException {
        var elements = new ArrayList<String>();
        String text = "{\"info\": {\"names\": [0]}, \"names\": [1, {\"a\": [2]}, []], \"more\": [3]}";

        assertThat(file(text).elements("names", (element, index) -> elements.add(index + element.toString())))
                .isEqualTo(3);

        assertThat(elements).containsExactly("01", "1{\"a\":[2]}", "2[]");
        assertThat(file("{\"names\": {\"a\": 1}, \"b\": 2}").elements("names", (element, index) -> {}))
                .as("an object is not a list")
                .isZero();
        assertThatThrownBy(() -> file("[1]").elements("names", (element, index) -> {}))
                .hasMessageContaining("found '[' at the start");
    }

    @Test
    void listsAndObjectsCanBeReadInPieces() throws IOException {
        var elements = new ArrayList<String>();
        var fields = new ArrayList<String>();

        int count =
                file("[1, {\"a\": [2]}, \"b\"]").elements((element, index) -> elements.add(index + element.toString()));
        file("{\"a\": [1], \"b\": {\"c\": 2}}").fields((name, value) -> fields.add(name + value));

        assertThat(elements).hasSize(count).containsExactly("01", "1{\"a\":[2]}", "2\"b\"");
        assertThat(fields).containsExactly("a[1]", "b{\"c\":2}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`` | line 1, column 1: it is empty",
                "[1, | line 1, column 4: it ends in the middle",
                "[1, oops] | line 1, column 5: Unrecognized token 'oops'",
                "{\"a\": 1} | line 1, column 1: found '{' at the start",
                "[1] 2 | line 1, column 5: found '2' after the end",
                "[{\"a\": 1, \"a\": 2}] | line 1, column 14: Duplicate field 'a'"
            })
    void faultsAreNamedWithTheirPlace(String text, String message) throws IOException {
        var file = file(text);

        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(file::list)
                .withMessageContainingAll(
                        folder.resolve("a.json").toString(), message, "expected " + EXPECTED, "whole");
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> file.elements((element, index) -> {}))
                .withMessageContaining(message);
    }

    @Test
    void nanDoesNoHarmWhereNobodyAsksForIt() throws IOException {
        assertThat(file("[{\"a\": NaN, \"b\": \"x\"}]").list().path(0).path("b").textValue())
                .isEqualTo("x");
    }

    @Test
    void filesThatAreNotTextAreNamed() throws IOException {
        var latin = Files.write(folder.resolve("latin.json"), "[\"né\"]".getBytes(StandardCharsets.ISO_8859_1));
        var utf16 = Files.write(folder.resolve("utf16.json"), "\uFEFF[\"né\"]".getBytes(StandardCharsets.UTF_16LE));

        assertThatThrownBy(() -> JsonFile.of(latin, EXPECTED).tree())
                .hasMessageContainingAll("latin.json cannot be read", "byte 0xE9 at offset 3 is not UTF-8", EXPECTED);
        assertThat(JsonFile.of(utf16, EXPECTED).list().path(0).textValue()).isEqualTo("né");
        assertThatThrownBy(() -> JsonFile.of(folder, EXPECTED).tree())
                .hasMessageStartingWith(folder + " is a folder; expected " + EXPECTED);
        assertThatThrownBy(
                        () -> JsonFile.of(folder.resolve("none.json"), EXPECTED).tree())
                .hasMessage(folder.resolve("none.json") + " is not there; expected " + EXPECTED);
    }
}
