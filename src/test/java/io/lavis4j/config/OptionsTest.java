package io.lavis4j.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OptionsTest {

    private static Map<String, Object> tree(String... items) {
        return Options.tree(List.of(items));
    }

    private static void assertProblems(List<String> items, String... beginnings) {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> Options.tree(items))
                .satisfies(e -> {
                    assertThat(e.problems()).hasSameSizeAs(beginnings);
                    for (int i = 0; i < beginnings.length; i++) {
                        assertThat(e.problems().get(i)).startsWith(beginnings[i]);
                    }
                });
    }

    @Test
    void assignmentsAndTurnsSayTheSame() {
        var expected = Map.of(
                "run",
                Map.of("device", "cpu", "init_lr", 1e-4, "test_splits", List.of(), "amp", false),
                "data_root",
                "DIR");
        assertThat(tree("run.device=cpu", "run.init_lr=1e-4", "run.test_splits=[]", "run.amp=False", "data_root=DIR"))
                .isEqualTo(expected);
        assertThat(tree(
                        "run.device",
                        "cpu",
                        "run.init_lr",
                        "1e-4",
                        "run.test_splits",
                        "[]",
                        "run.amp",
                        "False",
                        "data_root",
                        "DIR"))
                .isEqualTo(expected);
        assertThat(tree()).isEmpty();
    }

    @Test
    void valuesAreYaml() {
        assertThat(tree("a=[x, 1]", "b={c: 1}", "d=\"1\"", "e='x: y'", "f=1", "g=", "h= 2 "))
                .isEqualTo(YamlReader.parse("", "{a: [x, 1], b: {c: 1}, d: '1', e: 'x: y', f: 1, g: null, h: 2}"));
    }

    @Test
    void aPlainValueStandsAsItIs() {
        assertThat(tree("model.prompt=Inference:", "a=x: y", "b=x # y", "c=http://host/x=1", "d=- 1", "e=*a"))
                .isEqualTo(Map.of(
                        "model", Map.of("prompt", "Inference:"),
                        "a", "x: y",
                        "b", "x # y",
                        "c", "http://host/x=1",
                        "d", "- 1",
                        "e", "*a"));
    }

    @Test
    void ofTwoValuesTheLaterHolds() {
        assertThat(tree("a.b=1", "a.b=2", "a.c=3", "d=1", "d.e=2"))
                .isEqualTo(Map.of("a", Map.of("b", 2, "c", 3), "d", Map.of("e", 2)));
    }

    @Test
    void malformedOptionsAreErrorsThatNameThem() {
        assertProblems(
                List.of("a=1", "run.device", "=x", "a..b=1", "b=[1"),
                "option \"run.device\" has no \"=\"; write all options as key=value",
                "option \"\" is not a dotted key, as run.device is",
                "option \"a..b\" is not a dotted key",
                "option b:1:3: this is not YAML");
        assertProblems(List.of("a", "1", "b"), "option \"b\" has no value; write all options as key=value, or all as");
        assertProblems(List.of("a", "1", "b=2", "3"), "option \"b=2\" is not a dotted key");
    }

    @Test
    void aKeyOfTooManyPartsIsAnError() {
        assertProblems(List.of("a.".repeat(9999) + "a=1"), "option \"a.a.a.a.");
    }
}
