package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.runner.Kills.Victim;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Trainings of two processes, one of which is killed, as {@link CrashIT}: the launcher ends the other, and the same
 * command resumes the run. {@code -Dcrash.kills=20} kills as often.
 */
@ExtendWith(LibtorchFirst.class)
class CrashDistributedIT {

    private static final int KILLS = Integer.getInteger("crash.kills", 1);
    private static final long SEED = Long.getLong("crash.seed", 1);

    @TempDir
    private Path outputs = Path.of("");

    private CrashedRun run(String name) {
        return CrashedRun.of(
                outputs.resolve(name), List.of("launch", "--nproc_per_node", "2"), "run.batch_size_train=4");
    }

    /** One of the two, or the launcher where it has not started them yet. */
    private static ProcessHandle rank(TrainingProcess process, Random random) {
        var ranks = process.handle().children().toList();
        return ranks.isEmpty() ? process.handle() : ranks.get(random.nextInt(ranks.size()));
    }

    @Test
    void aRunWhoseRanksAreKilledEndsAsIfTheyWereNot() throws IOException, InterruptedException {
        var whole = run("whole");
        var ended = whole.live(CrashedRun.NOTHING);
        assertThat(ended.status()).as(ended.output()).isZero();
        var victim = new Victim(CrashDistributedIT::rank, status -> status != 0);
        new Kills(victim, SEED).strike(KILLS, i -> run("killed" + i), whole.finished());
    }
}
