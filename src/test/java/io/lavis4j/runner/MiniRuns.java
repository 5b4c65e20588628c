package io.lavis4j.runner;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.config.Configuration;
import io.lavis4j.golden.Golden;
import io.lavis4j.task.RunListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.bytedeco.javacpp.PointerScope;

/**
 * Runs of the small model on the mini corpus, 8 batches an epoch.
 *
 * @param outputs where they write; runs that are compared need the same
 * @param options over those of {@code finetune/caption_sherlock_mini.yaml}
 */
public record MiniRuns(Path outputs, List<String> options) {

    static final RunListener SILENT = new RunListener() {
        @Override
        public void step(Progress progress) {}

        @Override
        public void end(Progress progress) {}
    };

    public static MiniRuns in(Path outputs, String... options) {
        var all = new ArrayList<>(List.of(
                "data_root=src/test/resources/sherlock_mini",
                "run.output_dir=" + outputs,
                "run.device=cpu",
                "run.max_epoch=2",
                "run.log_freq=3",
                "run.num_beams=1"));
        all.addAll(List.of(options));
        return new MiniRuns(outputs, all);
    }

    /** The same with further options. */
    MiniRuns with(String... more) {
        var all = new ArrayList<>(options);
        all.addAll(List.of(more));
        return new MiniRuns(outputs, all);
    }

    public JobConfig config() {
        return JobConfig.read(Configuration.load("finetune/caption_sherlock_mini.yaml", options, name -> null));
    }

    /** A run without interruption. */
    public RunDirectory train() {
        try (var job = Job.open(config())) {
            return job.train(SILENT);
        }
    }

    /** Goes on, from a run or a checkpoint of it. */
    RunDirectory resume(Path path) {
        var config = config();
        try (var job = Job.resume(config, Resumption.inPlace(path, config))) {
            return job.train(SILENT);
        }
    }

    /** A run that is asked to stop after so many steps of a kind of pass, and does. */
    RunDirectory stopped(Predicate<String> headers, int steps) {
        try (var job = Job.open(config())) {
            return stopped(job, headers, steps);
        }
    }

    /** The same of a run that goes on. */
    RunDirectory resumedAndStopped(Path path, Predicate<String> headers, int steps) {
        var config = config();
        try (var job = Job.resume(config, Resumption.inPlace(path, config))) {
            return stopped(job, headers, steps);
        }
    }

    private static RunDirectory stopped(Job job, Predicate<String> headers, int steps) {
        var stopped = new ArrayList<RunDirectory>();
        assertThatThrownBy(() -> job.train(new RunListener() {
                    private int done;

                    @Override
                    public void step(Progress progress) {
                        if (headers.test(progress.header()) && ++done == steps) {
                            job.requestStop();
                        }
                    }

                    @Override
                    public void end(Progress progress) {}
                }))
                .isInstanceOfSatisfying(RunStopped.class, e -> stopped.add(e.directory()));
        return stopped.get(0);
    }

    static boolean training(String header) {
        return header.startsWith("Train");
    }

    /** Every file of a run by its name, but its metrics, which have times. */
    private static Map<String, byte[]> files(RunDirectory run) {
        var files = new TreeMap<String, byte[]>();
        try (var paths = Files.walk(run.path())) {
            for (var path : paths.filter(Files::isRegularFile).toList()) {
                if (path.equals(run.metrics()) || path.startsWith(run.tensorboard())) {
                    continue;
                }
                files.put(run.path().relativize(path).toString(), Files.readAllBytes(path));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    /** Every file of both is the same: weights, optimizer, random numbers, logs, results, metrics but for times. */
    public static void assertSame(RunDirectory actual, RunDirectory expected) {
        var ours = files(actual);
        var theirs = files(expected);
        assertThat(ours.keySet()).isEqualTo(theirs.keySet()).contains("log.txt", "finished.json");
        theirs.forEach((name, bytes) -> {
            if (name.endsWith(".txt")) {
                assertThat(new String(ours.get(name), UTF_8)).as(name).isEqualTo(new String(bytes, UTF_8));
            }
            assertThat(ours.get(name)).as(name).isEqualTo(bytes);
        });
        assertThat(SteadyMetrics.of(actual)).isEqualTo(SteadyMetrics.of(expected));
    }

    /**
     * The same figures and trained weights of two runs whose settings need not be the same.
     *
     * @param last epoch
     */
    static void assertSameNumbers(RunDirectory actual, RunDirectory expected, int last) {
        assertThat(SteadyMetrics.of(actual)).isEqualTo(SteadyMetrics.of(expected));
        try (var scope = new PointerScope()) {
            var ours = Checkpoints.stateDict(actual.checkpoint(last));
            var theirs = Checkpoints.stateDict(expected.checkpoint(last));
            assertThat(ours.keySet()).isEqualTo(theirs.keySet()).isNotEmpty();
            theirs.forEach((name, tensor) ->
                    assertThat(Golden.get(ours, name).equal(tensor)).as(name).isTrue());
        }
    }
}
