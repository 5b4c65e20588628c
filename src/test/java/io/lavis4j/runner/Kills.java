package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;

/** Runs that are killed at random moments, each until it comes to its end, and compared with one that was not. */
final class Kills {

    private static final int LIVES = 8; // of one run
    private static final int MILLIS = 2500; // of a whole life
    private static final int TRAINING_MILLIS = 1000;
    private static final int WRITING_MILLIS = 6;

    private final Victim victim;
    private final long seed;
    private final Random random;
    private final Set<Path> unfinished = new HashSet<>();
    private boolean struck;

    /**
     * Who is killed.
     *
     * @param choice the process among those of a training, which may be drawn
     * @param statuses with which the training may end then
     */
    record Victim(BiFunction<TrainingProcess, Random, ProcessHandle> choice, IntPredicate statuses) {

        /** The process that was started. */
        static final Victim ITSELF =
                new Victim((process, random) -> process.handle(), status -> status == CrashedRun.SIGKILLED);
    }

    private enum Moment {
        ANY,
        TRAINING,
        WRITING
    }

    Kills(Victim victim, long seed) {
        this.victim = victim;
        this.seed = seed;
        random = new Random(seed);
    }

    /**
     * Kills, and prints what came of it.
     *
     * @param runs by number, each in a folder of its own
     * @param expected what each leaves in the end
     */
    void strike(int kills, IntFunction<CrashedRun> runs, RunDirectory expected)
            throws IOException, InterruptedException {
        int done = 0;
        for (int i = 0; done < kills; i++) {
            var run = runs.apply(i);
            int status = CrashedRun.SIGKILLED;
            for (int life = 0; status != 0; life++) {
                boolean last = done == kills || life == LIVES;
                struck = false;
                var end = run.live(last ? CrashedRun.NOTHING : process -> strike(process, run));
                status = end.status();
                assertThat(status == 0 || (struck && victim.statuses().test(status)))
                        .as(
                                "life %d of run %d with seed %d ends with status %d:%n%s",
                                life, i, seed, status, end.output())
                        .isTrue();
                unfinished.addAll(run.unfinished());
                done += status == 0 ? 0 : 1;
            }
            MiniRuns.assertSame(run.finished(), expected);
        }
        System.out.printf("kills %d identical%n%d of them while a checkpoint was written%n", done, unfinished.size());
    }

    private void strike(TrainingProcess process, CrashedRun run) throws InterruptedException {
        var moment = Moment.values()[random.nextInt(Moment.values().length)];
        double share = random.nextDouble();
        int writes = random.nextInt(4);
        boolean alive = moment == Moment.ANY || process.await(() -> process.hasPrinted("parameters are trained"));
        if (moment == Moment.WRITING) {
            for (int i = 0; i < writes && alive; i++) {
                alive = process.await(() -> !run.unfinished().isEmpty())
                        && process.await(() -> run.unfinished().isEmpty());
            }
            alive = alive && process.await(() -> !run.unfinished().isEmpty());
        }
        if (alive) {
            Thread.sleep((long) (share * millis(moment)));
            struck = victim.choice().apply(process, random).destroyForcibly();
        }
    }

    private static int millis(Moment moment) {
        return switch (moment) {
            case ANY -> MILLIS;
            case TRAINING -> TRAINING_MILLIS;
            case WRITING -> WRITING_MILLIS;
        };
    }
}
