package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.runner.Kills.Victim;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Processes that are killed while they train, and resumed: they end with the files of one that was not.
 * {@code -Dcrash.kills=100} kills as often, {@code -Dcrash.seed=2} at other moments.
 */
@ExtendWith(LibtorchFirst.class)
class CrashIT {

    private static final int KILLS = Integer.getInteger("crash.kills", 2);
    private static final long SEED = Long.getLong("crash.seed", 1);
    private static final Pattern STEP = Pattern.compile("Train: data epoch: \\[\\d+]  \\[\\d+/\\d+]");

    @TempDir
    private static Path outputs = Path.of("");

    private static CrashedRun run(String name) {
        return CrashedRun.of(outputs.resolve(name), List.of());
    }

    /** The run that is not interrupted, made once. */
    private static RunDirectory whole() throws IOException, InterruptedException {
        var whole = run("whole");
        if (!Files.exists(whole.folder())) {
            assertThat(whole.live(CrashedRun.NOTHING).status()).isZero();
        }
        return whole.finished();
    }

    @Test
    void aRunThatIsKilledAgainAndAgainEndsAsIfItWereNot() throws IOException, InterruptedException {
        new Kills(Victim.ITSELF, SEED).strike(KILLS, i -> run("killed" + i), whole());
    }

    private enum Phase {
        VALIDATION("Evaluation: val  [0/2]"),
        WRITING("Train: data epoch: [0]  [1/8]");

        private final String line;

        Phase(String line) {
            this.line = line;
        }
    }

    @ParameterizedTest
    @EnumSource(Phase.class)
    void aRunThatIsAskedToEndLosesNothing(Phase phase) throws IOException, InterruptedException {
        var expected = whole();
        var run = run("ended_" + phase);
        var steps = new HashSet<String>();
        var ended = run.live(process -> {
            process.await(() -> process.hasPrinted(phase.line)
                    && (phase != Phase.WRITING || !run.unfinished().isEmpty()));
            process.handle().destroy();
            process.end();
            steps.addAll(steps(process.lines()));
        });
        assertThat(ended.status()).as(ended.output()).isEqualTo(CrashedRun.SIGTERMED);
        assertThat(steps).isNotEmpty();
        var resumed = run.live(process -> {
            process.end();
            assertThat(steps(process.lines())).isNotEmpty().doesNotContainAnyElementsOf(steps);
        });
        assertThat(resumed.status()).as(resumed.output()).isZero();
        MiniRuns.assertSame(run.finished(), expected);
    }

    private static List<String> steps(List<String> lines) {
        return lines.stream()
                .flatMap(line -> STEP.matcher(line).results())
                .map(found -> found.group())
                .toList();
    }
}
