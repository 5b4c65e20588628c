package io.lavis4j.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SectionTest {

    private enum Mode {
        HIGHLIGHT,
        NONE;
    }

    private static Section section(String yaml) {
        return Section.root(YamlReader.parse("a.yaml", yaml));
    }

    private static void assertProblems(Section section, String... problems) {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(section::requireValid)
                .satisfies(e -> assertThat(e.problems()).containsExactly(problems));
    }

    @Test
    void gettersGiveTheValues() {
        var s = section("{s: text, n: 007, i: 5, d: 1e-5, f: yes, l: [a, 1], one: a, x: [1, 2.5], m: {k: v}, c: none}");
        assertThat(s.string("s")).isEqualTo("text");
        assertThat(s.string("n")).isEqualTo("7");
        assertThat(s.integer("i")).isEqualTo(5);
        assertThat(s.number("d")).isEqualTo(1e-5);
        assertThat(s.number("i")).isEqualTo(5);
        assertThat(s.flag("f")).isTrue();
        assertThat(s.strings("l")).containsExactly("a", "1");
        assertThat(s.strings("one")).containsExactly("a");
        assertThat(s.numbers("x")).containsExactly(1.0, 2.5);
        assertThat(s.section("m").string("k")).isEqualTo("v");
        assertThat(s.choice("c", Mode.class)).isEqualTo(Mode.NONE);
        assertThatNoException().isThrownBy(s::requireValid);
    }

    @Test
    void whatIsAbsentOrNullHasItsDefault() {
        var s = section("{a: null, b:}");
        for (String key : List.of("a", "b", "c")) {
            assertThat(s.has(key)).isFalse();
            assertThat(s.string(key, "x")).isEqualTo("x");
            assertThat(s.stringIfPresent(key)).isNull();
            assertThat(s.integer(key, 3)).isEqualTo(3);
            assertThat(s.number(key, 0.5)).isEqualTo(0.5);
            assertThat(s.flag(key, true)).isTrue();
            assertThat(s.strings(key)).isEmpty();
            assertThat(s.numbers(key)).isEmpty();
            assertThat(s.choice(key, Mode.NONE)).isEqualTo(Mode.NONE);
            assertThat(s.sectionIfPresent(key)).isNull();
        }
        assertThatNoException().isThrownBy(s::requireValid);
    }

    @Test
    void everyProblemIsReportedAtOnce() {
        var s = section(
                "run: {s: [a], b: True, d: 0.5, i: 1.5, big: 3000000000, n: x, nan: .nan, f: 1, l: {}, x: [a], inf: [.inf],"
                        + " m: 1, c: hide}");
        var run = s.section("run");
        run.string("s", "");
        run.string("b", "");
        run.string("d");
        run.integer("i", 0);
        run.integer("big", 0);
        run.number("n", 0);
        run.number("nan", 0);
        run.flag("f", true);
        run.strings("l");
        run.numbers("x");
        run.numbers("inf");
        run.section("m").string("inside", "");
        run.choice("c", Mode.NONE);
        run.string("gone");
        run.integer("gone");
        run.section("away");
        assertProblems(
                s,
                "run.s must be a text, got [a]",
                "run.b must be a text, in quotes, got true",
                "run.d must be a text, in quotes, got 0.5",
                "run.i must be a whole number, got 1.5",
                "run.big must be a whole number of 32 bits, got 3000000000",
                "run.n must be a number, got \"x\"",
                "run.nan must be a number, got NaN",
                "run.f must be true or false, got 1",
                "run.l must be a list of texts, got {}",
                "run.x must be a list of numbers, got [a]",
                "run.inf must be a list of numbers, got [Infinity]",
                "run.m must be a section, got 1",
                "run.c is \"hide\", which is unknown; expected one of [highlight, none]",
                "run.gone is missing; expected a text",
                "run.away is missing; expected a section");
    }

    @Test
    void aKeyThatNobodyAskedForIsUnknownAndTheNearestIsNamed() {
        var s = section("{max_epochs: 5, num_workers: 4, zzzzzzzzz: 1}");
        assertThat(s.<Integer>read(run -> run.integer("max_epoch", 1) + run.integer("num_workers")))
                .isNull();
        assertProblems(
                s,
                "max_epochs is unknown; did you mean max_epoch?",
                "zzzzzzzzz is unknown; expected one of [max_epoch, num_workers]");
    }

    @Test
    void ignoredKeysAreKnown() {
        var s = section("{world_size: 1, seed: 2}");
        assertThat(s.<Integer>read(run -> {
                    run.ignore("world_size");
                    return run.integer("seed");
                }))
                .isEqualTo(2);
        assertThatNoException().isThrownBy(s::requireValid);
    }

    private record Runner(int epochs, int workers) {
        Runner {
            new Checks()
                    .atLeast("max_epoch", epochs, 1)
                    .atLeast("num_workers", workers, 0)
                    .done();
        }

        static Runner read(Section run) {
            return new Runner(run.integer("max_epoch"), run.integer("num_workers", 0));
        }
    }

    private record Task(int beams) {
        static Task read(Section run) {
            return new Task(run.integer("num_beams", 5));
        }
    }

    private record Job(Runner runner, Task task) {
        static Job read(Section run) {
            var runner = run.read(Runner::read);
            var task = run.read(Task::read);
            return new Job(Section.present(runner), Section.present(task));
        }
    }

    @Test
    void twoOwnersShareASection() {
        var good = section("run: {max_epoch: 3, num_beams: 2}");
        assertThat(good.section("run").read(Job::read)).isEqualTo(new Job(new Runner(3, 0), new Task(2)));
        assertThatNoException().isThrownBy(good::requireValid);

        var bad = section("run: {max_epoch: 0, num_workers: -1, num_beams: x, num_beam: 2}");
        assertThat(bad.section("run").read(Job::read)).isNull();
        assertProblems(
                bad,
                "run.max_epoch must be at least 1, got 0",
                "run.num_workers must be at least 0, got -1",
                "run.num_beams must be a whole number, got \"x\"",
                "run.num_beam is unknown; did you mean num_beams?");
    }

    @Test
    void whatFollowsFromAPlaceholderIsNotReported() {
        var s = section("run: {num_workers: x}");
        assertThat(s.section("run").read(Runner::read)).isNull();
        assertProblems(
                s,
                "run.max_epoch is missing; expected a whole number",
                "run.num_workers must be a whole number, got \"x\"");
    }

    @Test
    void ofASectionThatIsMissingOrNotASectionNothingElseIsReported() {
        var s = section("model: [a]");
        assertThat(s.section("run").read(Runner::read)).isNull();
        assertThat(s.section("model").read(Runner::read)).isNull();
        assertThat(s.section("data").<Integer>read(data -> {
                    throw new IllegalArgumentException("expected a data set");
                }))
                .isNull();
        assertProblems(
                s,
                "run is missing; expected a section",
                "model must be a section, got [a]",
                "data is missing; expected a section");
    }

    @Test
    void aReadersExceptionBecomesAProblem() {
        var s = section("model: {size: 5}");
        assertThat(s.section("model").<Integer>read(model -> {
                    throw new IllegalArgumentException("size %d is odd".formatted(model.integer("size")));
                }))
                .isNull();
        assertProblems(s, "model: size 5 is odd");
    }

    @Test
    void namesDoNotDependOnTheLocale() {
        var before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("tr"));
        try {
            assertThat(section("mode: highlight").choice("mode", Mode.NONE)).isEqualTo(Mode.HIGHLIGHT);
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void sectionsAreTheSameAtEachCall() {
        var s = section("{a: {k: 1}, b: {k: 2}}");
        assertThat(s.section("a"))
                .isSameAs(s.section("a"))
                .isSameAs(s.sections().get("a"));
        assertThat(s.sections()).containsOnlyKeys("a", "b");
        assertThat(s.section("b").path("k")).isEqualTo("b.k");
        assertThat(s.section("b").values()).isEqualTo(Map.of("k", 2));
    }
}
