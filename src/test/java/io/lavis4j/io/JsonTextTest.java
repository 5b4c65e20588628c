package io.lavis4j.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of {@link JsonStream}. */
class JsonTextTest {

    private static JsonNode parse(String text) throws JsonProcessingException {
        return JsonText.parse(text);
    }

    private static void assertRefused(String text, String problem) {
        assertThatExceptionOfType(JsonProcessingException.class)
                .isThrownBy(() -> parse(text))
                .satisfies(e -> assertThat(e.getOriginalMessage())
                        .contains(problem)
                        .doesNotContain("Source", "Feature", "Constraints", "jackson", "\n"));
    }

    @Test
    void numbersThatAreNotFiniteAreNumbersThatNobodyCanUse() throws IOException {
        assertThat(parse("NaN").doubleValue()).isNaN();
        assertThat(parse("[Infinity]").path(0).doubleValue()).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(parse("-Infinity").doubleValue()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(parse("1e400").doubleValue()).isEqualTo(Double.POSITIVE_INFINITY);
        for (String text : List.of("NaN", "Infinity", "-Infinity", "1e400", "1" + "0".repeat(400), "\"1\"", "null")) {
            assertThat(JsonText.isFinite(parse(text))).as(text).isFalse();
        }
        assertThat(JsonText.isFinite(parse("1e300"))).isTrue();
        assertThat(JsonText.found(parse("NaN"))).isEqualTo("NaN");
        assertThat(JsonText.found(parse("\"NaN\""))).isEqualTo("\"NaN\"");
        assertThat(JsonText.found(parse("{}").path("a"))).isEqualTo("missing");
    }

    @Test
    void whatIsNotFiniteIsWrittenAsNull() throws IOException {
        String text = JsonText.of(List.of(Double.NaN, Float.NEGATIVE_INFINITY, 0.5, new double[] {1, Double.NaN}));

        assertThat(text).isEqualTo("[null,null,0.5,[1.0,null]]");
        assertThat(JsonText.of(parse("[NaN, 1e400, 2.5]"))).isEqualTo("[null,null,2.5]");
        assertThat(JsonText.of(Map.of("score", Double.NaN))).isEqualTo("{\"score\":null}");
    }

    @Test
    void halfASurrogatePairIsReadWrittenAndTold() throws IOException {
        String half = parse("\"\\ud83d is half\"").textValue(), whole = "\ud83d\ude00 né \u2028";

        assertThat(JsonText.isWhole(half)).isFalse();
        assertThat(JsonText.isWhole(whole)).isTrue();
        assertThat(JsonText.of(List.of(half, whole)))
                .isEqualTo("[\"\\ud83d is half\",\"\\ud83d\\ude00 né \u2028\"]")
                .satisfies(text -> assertThat(parse(text).path(1).textValue()).isEqualTo(whole));
    }

    @Test
    void textsNumbersAndKeysMayBeLong() throws IOException {
        String text = "x".repeat(25_000_000), key = "k".repeat(60_000), digits = "1".repeat(5000);

        assertThat(parse("\"" + text + "\"").textValue()).hasSameSizeAs(text);
        assertThat(parse("{\"%s\": %s}".formatted(key, digits)).path(key).asText())
                .isEqualTo(digits);
        assertRefused("1".repeat(100_001), "100001");
    }

    @Test
    void bracketsAreNestedAsDeepAsInPython() throws IOException {
        assertThat(parse("[".repeat(1000) + "]".repeat(1000))).hasSize(1);
        assertRefused("[".repeat(1001) + "]".repeat(1001), "nesting depth (1001)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[1,]",
                "{\"a\": 1,}",
                "[1] 2",
                "[1}",
                "[1",
                "{\"a\"",
                "",
                " ",
                "nan",
                "-NaN",
                "01",
                "1.",
                "'a'",
                "{a: 1}",
                "\"\\x\"",
                "\"a\nb\"",
                "// note\n1",
                "\u00a01"
            })
    void whatPythonRefusesIsRefused(String text) {
        assertRefused(text, "");
    }

    @Test
    void aKeyThatOccursTwiceIsRefused() {
        assertRefused("[{\"a\": 1, \"b\": 1, \"a\": 1}]", "'a'");
    }
}
