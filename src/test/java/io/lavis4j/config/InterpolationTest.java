package io.lavis4j.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InterpolationTest {

    private static final Map<String, String> ENVIRONMENT = Map.of("HOME_OF_DATA", "/data", "TEXT", "${a}");

    private static @Nullable String variable(String name) {
        return ENVIRONMENT.get(name);
    }

    private static Configuration configuration(String yaml, String... options) {
        return Configuration.merge(
                YamlReader.parse("a.yaml", yaml), Options.tree(List.of(options)), InterpolationTest::variable);
    }

    private static void assertProblems(String yaml, String... problems) {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> configuration(yaml))
                .satisfies(e -> assertThat(e.problems()).containsExactly(problems));
    }

    private static @Nullable Object run(Configuration configuration, String key) {
        return Section.present(Tree.map(configuration.tree().get("run"))).get(key);
    }

    @Test
    void keysAreLookedForInTheWholeMergedTree() {
        var c = configuration("""
                model: {arch: blip2_opt, model_type: small}
                data_root: of-file
                run:
                  output_dir: ${data_root}/${model.arch}/${.seed}
                  seed: 1
                  size: ${model.image_size}
                """, "run.seed=2", "data_root=${oc.env:HOME_OF_DATA}");
        assertThat(run(c, "output_dir")).isEqualTo("/data/blip2_opt/2");
        assertThat(run(c, "size")).isInstanceOf(Integer.class);
        assertThat(run(configuration("run: {a: 1}\ndata_root: x", "run.output_dir=${data_root}/out"), "output_dir"))
                .isEqualTo("x/out");
    }

    @Test
    void interpolationsChooseDefaultFilesAndCanBeSections() {
        var c = configuration("""
                my_model: {arch: blip2_opt, model_type: "${my_type}", max_txt_len: 7}
                my_type: sma
                model: ${my_model}
                my_data: {sherlock_caption: "${my_set}"}
                my_set: {region_mode: none}
                datasets: ${my_data}
                """, "my_type=${oc.env:NONE,small}");
        assertThat(c.tree()).containsOnlyKeys("model", "preprocess", "datasets");
        assertThat(c.root().section("model").string("vit_model")).isEqualTo("eva_small");
        assertThat(c.root().section("model").integer("max_txt_len")).isEqualTo(7);
        var dataset = c.root().section("datasets").section("sherlock_caption");
        assertThat(dataset.string("region_mode")).isEqualTo("none");
        assertThat(dataset.string("data_type")).isEqualTo("images");
    }

    @Test
    void anOptionGoesIntoTheMapThatAnInterpolationStandsFor() {
        var c = configuration("run: {a: '${.b}', b: {x: 1, y: 2}}", "run.a.y=3");
        assertThat(run(c, "a")).isEqualTo(Map.of("x", 1, "y", 3));
        assertThat(run(c, "b")).isEqualTo(Map.of("x", 1, "y", 2));
    }

    @Test
    void aKeyOfTheUsersOwnIsKnownIfAnInterpolationRefersToIt() {
        var c = configuration("base: /x\nrun: {output_dir: '${base}/out'}");
        assertThat(c.tree()).isEqualTo(Map.of("run", Map.of("output_dir", "/x/out")));
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> configuration("base: /x\nrun: {}").bind(root -> 1))
                .withMessageStartingWith("base is unknown");
    }

    @Test
    void whatIsWrittenHasTheSameValuesWithoutInterpolations() {
        var c = configuration("""
                data_root: /data
                run: {a: '${data_root}/\\${b}', c: 'x\\\\${data_root}', d: '\\\\\\${e}', f: '${oc.env:TEXT}', g: '\\'}
                """);
        assertThat(c.tree().get("run"))
                .isEqualTo(Map.of("a", "/data/${b}", "c", "x\\/data", "d", "\\${e}", "f", "${a}", "g", "\\"));
        assertThat(configuration(c.yaml()).tree()).isEqualTo(c.tree());
    }

    @Test
    void aValueOfTheEnvironmentIsATextAndNothingElse() {
        assertThat(run(configuration("run: {a: '${oc.env:TEXT}', b: '${.a}'}"), "b"))
                .isEqualTo("${a}");
        assertThat(run(configuration("run: {a: '$TEXT'}"), "a")).isEqualTo("$TEXT");
    }

    @Test
    void whatHasNoValueIsNamedWithFileLineAndNearestName() {
        assertProblems(
                "data_root: x\nrun:\n  output_dir: ${data_rot}/out\n  a: ${run.outputdir}\n  b: ${.a.x}\n",
                "run.output_dir is \"${data_rot}/out\" (a.yaml:3:15), but data_rot is unknown; did you mean data_root?",
                "run.a is \"${run.outputdir}\" (a.yaml:4:6), but run.outputdir is unknown; did you mean output_dir?");
        assertProblems(
                "run: {a: '${oc.env:NONE}', b: '${oc.evn:X}', c: '${....d}', d: '${.e.9}', e: [1]}",
                "run.a is \"${oc.env:NONE}\" (a.yaml:1:10), but the environment has no NONE; set it, or a default as"
                        + " ${oc.env:NONE,default}",
                "run.b is \"${oc.evn:X}\" (a.yaml:1:31), but the resolver oc.evn is unknown; did you mean oc.env? Known"
                        + " are [oc.create, oc.decode, oc.dict.keys, oc.dict.values, oc.env, oc.select]",
                "run.c is \"${....d}\" (a.yaml:1:49), which has more dots than there are levels above it",
                "run.d is \"${.e.9}\" (a.yaml:1:64), but run.e is a list of 1, which has no 9");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> configuration("run: {a: 1}", "run.b=${c}"))
                .withMessage("run.b is \"${c}\" (option run.b), but c is unknown; expected one of [run]");
    }

    @Test
    void circlesAreNamed() {
        assertProblems(
                "run: {a: '${.b}', b: '${.a}'}",
                "run.a is \"${.b}\" (a.yaml:1:10), which refers to itself",
                "run.b is \"${.a}\" (a.yaml:1:22), which refers to itself");
        assertProblems("run: {a: '${run}'}", "run.a is \"${run}\" (a.yaml:1:10), which contains itself");
        assertProblems(
                "run: {a: {b: ['x${run.a}']}}", "run.a.b.0 is \"x${run.a}\" (a.yaml:1:15), which contains itself");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"${", "${}", "${a", "${a b}", "${a..b}", "${a:b", "${oc.env:A,#}", "${oc.env:A,'b}", "${.}"})
    void whatIsNotAnInterpolationIsAnErrorWithItsPlace(String text) {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> YamlReader.parse("a.yaml", "a:\n  - \"" + text + "\""))
                .withMessageStartingWith("a.yaml:2:5: \"" + text + "\" is not an interpolation: expected ")
                .withMessageEndingWith("a \"${\" that is text is \"\\${\"");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> Options.tree(List.of("a.b=" + text)))
                .withMessageStartingWith("option a.b: \"" + text + "\" is not an interpolation: expected ");
    }

    @Test
    void interpolationsCannotGrowWithoutBound() {
        StringBuilder lists = new StringBuilder("a0: [x, x]\n"), texts = new StringBuilder("a0: xxxxxxxx\n");
        StringBuilder chain = new StringBuilder("a0: x\n");
        for (int i = 1; i < 30; i++) {
            lists.append("a%d: ['${a%d}', '${a%2$d}']\n".formatted(i, i - 1));
            texts.append("a%d: '${a%d}${a%2$d}'\n".formatted(i, i - 1));
        }
        for (int i = 1; i < 5000; i++) {
            chain.append("a%d: ${a%d}\n".formatted(i, i - 1));
        }
        String nested = "a: " + "${a".repeat(5000);
        for (String yaml : List.of(lists.toString(), texts.toString(), chain.toString(), nested)) {
            assertThatExceptionOfType(ConfigException.class).isThrownBy(() -> configuration(yaml));
        }
    }
}
