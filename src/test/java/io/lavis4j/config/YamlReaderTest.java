package io.lavis4j.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class YamlReaderTest {

    private static @Nullable Object value(String yaml) {
        return YamlReader.parse("a.yaml", "key: " + yaml).get("key");
    }

    private static void assertProblems(String yaml, String... problems) {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> YamlReader.parse("a.yaml", yaml))
                .satisfies(e -> assertThat(e.problems()).containsExactly(problems));
    }

    @ParameterizedTest
    @CsvSource({
        "1e-5, 1e-5",
        "1E-5, 1e-5",
        "1e5, 1e5",
        "1., 1",
        ".5, 0.5",
        "-.5, -0.5",
        "+1.5e+3, 1500",
        "1_000.5, 1000.5",
        "0.05, 0.05",
        "1e-8, 1e-8",
        "6.02e23, 6.02e23",
        "!!float 3, 3",
        "12e03, 12000"
    })
    void floatsAreThoseOfOmegaConf(String yaml, double expected) {
        assertThat(value(yaml)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "42, 42", "-7, -7", "+7, 7", "1_000, 1000", "0x1F, 31", "010, 8", "0b101, 5", "-0x10, -16"})
    void wholeNumbersAreThoseOfYaml11(String yaml, int expected) {
        assertThat(value(yaml)).isEqualTo(expected);
    }

    @Test
    void largeWholeNumbersKeepTheirValue() {
        assertThat(value("3000000000")).isEqualTo(3_000_000_000L);
        assertThat(value("100000000000000000000")).hasToString("100000000000000000000");
    }

    @Test
    void infinitiesAndNanAreNumbers() {
        assertThat(value("-.inf")).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(value(".Inf")).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(value(".nan")).isEqualTo(Double.NaN);
    }

    @Test
    void truthHasManyWords() {
        for (String word : List.of("True", "true", "TRUE", "yes", "Yes", "on", "On")) {
            assertThat(value(word)).as(word).isEqualTo(true);
        }
        for (String word : List.of("False", "false", "no", "NO", "off", "Off")) {
            assertThat(value(word)).as(word).isEqualTo(false);
        }
        for (String word : List.of("", "~", "null", "Null")) {
            assertThat(value(word)).as(word).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "y",
                "n",
                "tRue",
                "1e",
                "e5",
                "1e-",
                ".",
                "._5",
                "-x",
                "08",
                "1.2.3",
                "2023-01-01",
                "12:30",
                "12:30:45.5",
                "opt2.7b",
                "env://",
                "None"
            })
    void everythingElseIsAText(String yaml) {
        assertThat(value(yaml)).isEqualTo(yaml);
    }

    @Test
    void quotedScalarsAreTexts() {
        assertThat(value("\"1e-5\"")).isEqualTo("1e-5");
        assertThat(value("'True'")).isEqualTo("True");
        assertThat(value("\"\"")).isEqualTo("");
        assertThat(value("!!str 5")).isEqualTo("5");
        assertThat(value("\"Inference: \"")).isEqualTo("Inference: ");
    }

    @Test
    void commentsAndTextsAreUtf8() throws IOException {
        var text = "\ufeff# 학습 설정\nrun:\n  name: 캡션 # 이름\n  max_epoch: 5 # 에폭\n";
        var file = temp.resolve("a.yaml");
        Files.writeString(file, text);
        assertThat(YamlReader.read(file)).isEqualTo(Map.of("run", Map.of("name", "캡션", "max_epoch", 5)));
        Files.write(file, "run: caf\u00e9".getBytes(StandardCharsets.ISO_8859_1));
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> YamlReader.read(file))
                .withMessage(file + " is not UTF-8; save it with that encoding");
    }

    @TempDir
    Path temp;

    @Test
    void aKeyThatIsThereTwiceIsAnErrorThatNamesBothLines() {
        assertProblems(
                "run:\n  seed: 1\n  task: a\n  seed: 2\nmodel: {a: 1, a: 2}\n",
                "a.yaml:4:3: the key \"seed\" is there twice, first in line 2; remove one",
                "a.yaml:5:15: the key \"a\" is there twice, first in line 5; remove one");
    }

    @Test
    void brokenYamlIsAnErrorWithItsPlace() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> YamlReader.parse("a.yaml", "run:\n  - [a\n"))
                .withMessageStartingWith("a.yaml:3:1: this is not YAML: ");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> YamlReader.parse("a.yaml", "run:\n\tseed: 1\n"))
                .withMessageStartingWith("a.yaml:2:1: this is not YAML: ");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> YamlReader.parse("a.yaml", "a: 1\n---\nb: 2\n"))
                .withMessageStartingWith("a.yaml:2:1: this is not YAML: ");
    }

    @Test
    void emptyFilesAndOtherRootsAreErrors() {
        assertProblems("", "a.yaml is empty; expected the sections of a configuration, as \"run:\"");
        assertProblems("# only a comment\n", "a.yaml is empty; expected the sections of a configuration, as \"run:\"");
        assertProblems("- a\n", "a.yaml must hold a map of sections, as \"run:\", got [a]");
        assertProblems("run", "a.yaml must hold a map of sections, as \"run:\", got \"run\"");
    }

    @Test
    void nothingButPlainValuesIsConstructed() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> YamlReader.parse("a.yaml", "a: !!java.net.URL [\"http://localhost\"]"))
                .withMessageStartingWith("a.yaml:1:4: this is not YAML: Global tag is not allowed");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> YamlReader.parse("a.yaml", "a: !!python/name:os.system x"))
                .withMessageContaining("is not allowed");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> YamlReader.parse("a.yaml", "a: !!int x"))
                .withMessageStartingWith("a.yaml:1:4: ");
    }

    @Test
    void aliasesAndMergeKeysAreFollowed() {
        var tree = YamlReader.parse("a.yaml", "a: &a {x: 1, y: [2]}\nb: *a\nc: {<<: *a, x: 3}\n");
        assertThat(tree.get("b")).isEqualTo(Map.of("x", 1, "y", List.of(2)));
        assertThat(tree.get("c")).isEqualTo(Map.of("x", 3, "y", List.of(2)));
        assertProblems("a: {<<: 1}", "a.yaml:1:9: << takes a map or a list of maps");
    }

    @Test
    void aTabBetweenTokensIsABlankAndIndentsNothing() {
        assertThat(YamlReader.parse(
                        "a.yaml",
                        "run:\n  a:\tsmall\n  b: \t1\t# c\n  c:\t{x:\t1,\n\ty: 'a\tb'\n\t}\n  d:\n  - [\n\t1]\n"))
                .isEqualTo(Map.of(
                        "run",
                        Map.of("a", "small", "b", 1, "c", Map.of("x", 1, "y", "a\tb"), "d", List.of(List.of(1)))));
        assertThat(value("\t'a'\t# b")).isEqualTo("a");
        assertThat(value("|\n  a\tb\n")).isEqualTo("a\tb\n");
        for (String yaml : List.of("run:\n\ta: 1", "a: b\n\tc: d", "-\ta: 1", "a:\n  - b\n  -\t- c", "a:\n \tb: 1")) {
            assertThatExceptionOfType(ConfigException.class)
                    .as(yaml)
                    .isThrownBy(() -> YamlReader.value("a.yaml", yaml))
                    .withMessageContaining("(Do not use \\t(TAB) for indentation)");
        }
    }

    @Test
    void aQuestionMarkInAFlowIsACharacterLikeOthers() {
        assertThat(value("[what is this?, who?, 'a?', http://h/?q=1, a ? b]"))
                .isEqualTo(List.of("what is this?", "who?", "a?", "http://h/?q=1", "a ? b"));
        assertThat(value("{x? : 1, y?: 2}")).isEqualTo(Map.of("x?", 1, "y?", 2));
        assertThat(YamlReader.parse("a.yaml", "? a?\n: {? b : \ue000?}"))
                .isEqualTo(Map.of("a?", Map.of("b", "\ue000?")));
    }

    @Test
    void whatContainsItselfIsAnErrorWithItsPlace() {
        assertProblems("c:\n  <<: &s [*s]\n", "a.yaml:2:7: << takes a map or a list of maps");
        assertProblems("c: {<<: [[{a: 1}]]}", "a.yaml:1:10: << takes a map or a list of maps");
        assertProblems("c: &s {<<: *s}", "a.yaml:1:4: this contains itself by an alias; write out what is meant");
        assertProblems("c: &s {<<: [*s]}", "a.yaml:1:4: this contains itself by an alias; write out what is meant");
        assertProblems("c: &s {a: [*s]}", "a.yaml:1:4: this contains itself by an alias; write out what is meant");
        assertProblems("&s a: &t {*s : *t}", "a.yaml:1:7: this contains itself by an alias; write out what is meant");
    }

    @Test
    void whatIsDeepOrLargeIsReadUpToABound() throws IOException {
        int most = YamlTokens.MAX_DEPTH - 1;
        assertThat(value("[".repeat(most) + "]".repeat(most))).isInstanceOf(List.class);
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> value("[".repeat(5000)))
                .withMessageStartingWith(
                        "a.yaml:1:505: this is not YAML: lists and maps are more than 500 levels deep");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> value("\n"
                        + IntStream.range(0, 600)
                                .mapToObj(i -> "  ".repeat(i) + "- k:\n")
                                .collect(Collectors.joining())))
                .withMessageContaining("levels deep");
        assertThat(YamlReader.parse("a.yaml", "a: &a {b: 1}\n" + "c: [" + "*a, ".repeat(1000) + "]"))
                .hasSize(2);
        assertThat((String) value("|\n" + "  %099d\n".formatted(0).repeat(50_000)))
                .hasSize(5_000_000);
        var file = temp.resolve("large.yaml");
        Files.write(file, new byte[9 << 20]);
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> YamlReader.read(file))
                .withMessage(file + " has 9 MiB, more than any configuration (8 MiB); is it the right file?");
    }

    @Test
    void aliasesCannotGrowWithoutBound() {
        var bomb = new StringBuilder("a0: &a0 [x, x]\n");
        for (int i = 1; i < 30; i++) {
            bomb.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
        }
        assertThatExceptionOfType(ConfigException.class).isThrownBy(() -> YamlReader.parse("a.yaml", bomb.toString()));
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> YamlReader.parse("a.yaml", "a: &a [*a]"))
                .withMessageContaining("alias");
    }

    @Test
    void whatIsWrittenIsReadAsTheSame() {
        var tree = new LinkedHashMap<String, Object>();
        tree.put(
                "texts",
                List.of(
                        "",
                        " a ",
                        "a: b",
                        "1e-5",
                        "1",
                        "yes",
                        "null",
                        "~",
                        "[]",
                        "# x",
                        "a\nb\n",
                        "캡션",
                        "\t",
                        "2023-01-01",
                        "12:30",
                        "Inference:",
                        "<<",
                        ".5",
                        "'",
                        "\"",
                        "&a",
                        "*a",
                        "!b",
                        "%",
                        "@",
                        "env://",
                        "\u0007"));
        tree.put("numbers", List.of(1e-5, 1e-8, 0.05, 1.0, 1e10, 1e22, -0.0, Double.MIN_VALUE, 1 / 3.0, 7, 1L << 40));
        tree.put("special", List.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY));
        tree.put("flags", List.of(true, false));
        tree.put("nulls", Arrays.asList(null, null));
        tree.put("empty", Map.of("list", List.of(), "list2", List.of(), "map", Map.of()));
        tree.put("yes", Map.of("1", 2));
        String yaml = TreeWriter.yaml(tree);
        assertThat(YamlReader.parse("a.yaml", yaml)).isEqualTo(tree);
        assertThat(yaml).contains("- 1e-5\n", "- 0.05\n").doesNotContain("&id");
    }
}
