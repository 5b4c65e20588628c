package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.golden.Golden;
import io.lavis4j.golden.LibtorchFirst;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A run that is interrupted and goes on in its directory leaves the files of one that was not, byte for byte: weights,
 * optimizer, random numbers, {@code log.txt}, {@code evaluate.txt}, results.
 */
@ExtendWith(LibtorchFirst.class)
class ExactResumeIT {

    private static final String[] DRAWN = {"model.drop_path_rate=0.3", "model.freeze_vit=False"};
    private static final String[] TESTED = {"run.test_splits=[val]"};

    @TempDir
    private static Path outputs = Path.of("");

    private static final Map<List<String>, RunDirectory> WHOLE = new HashMap<>();

    private static RunDirectory whole(MiniRuns runs) {
        return WHOLE.computeIfAbsent(runs.options(), options -> runs.train());
    }

    private static void assertGoesOnAfter(int steps, String... options) {
        var runs = MiniRuns.in(outputs, options);
        var stopped = runs.stopped(MiniRuns::training, steps);
        MiniRuns.assertSame(runs.resume(stopped.path()), whole(runs));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8, 9, 16})
    void afterAnyStep(int steps) {
        assertGoesOnAfter(steps);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 12})
    void withDropPathAndATrainedEncoder(int steps) {
        assertGoesOnAfter(steps, DRAWN);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 11})
    void afterTheUpdateThatAStepBelongsTo(int steps) {
        assertGoesOnAfter(steps, "run.accum_grad_iters=3");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7})
    void betweenTwoReadingsOfTheGradients(int steps) {
        assertGoesOnAfter(steps, "run.accum_grad_iters=3", "run.log_freq=1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run.accum_grad_iters=1",
                "model.freeze_vit=False model.use_grad_checkpoint=True model.recompute_granularity=selective"
            })
    void withUpdatesInBackward(String settings) {
        var plain = MiniRuns.in(outputs, settings.split(" "));
        var runs = plain.with("run.optimizer_in_backward=True");
        var stopped = runs.stopped(MiniRuns::training, 3);
        MiniRuns.assertSame(runs.resume(stopped.path()), whole(runs));
        MiniRuns.assertSameNumbers(whole(runs), whole(plain), 1);
    }

    @Test
    void moreThanOnce() {
        var runs = MiniRuns.in(outputs);
        var run = runs.stopped(MiniRuns::training, 2);
        runs.resumedAndStopped(run.path(), MiniRuns::training, 1);
        runs.resumedAndStopped(run.path(), MiniRuns::training, 7);
        runs.resumedAndStopped(run.path(), header -> header.contains("Evaluation"), 1);
        MiniRuns.assertSame(runs.resume(run.path()), whole(runs));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void fromValidationsAndTheTest(int batches) {
        var runs = MiniRuns.in(outputs, TESTED);
        var stopped = runs.stopped(header -> header.contains("Evaluation"), batches);
        MiniRuns.assertSame(runs.resume(stopped.path()), whole(runs));
    }

    private static String[] streams(String... more) throws IOException {
        var shards = outputs.resolve("shards");
        if (!Files.exists(shards)) {
            MiniShards.write(shards);
        }
        var options = new ArrayList<>(List.of(
                "datasets.laion400M.build_info.storage=" + shards.toAbsolutePath() + "/{0..2}.tar",
                "datasets.laion400M.vis_processor.train.name=blip2_image_train",
                "datasets.laion400M.vis_processor.train.image_size=84"));
        options.addAll(List.of(more));
        return options.toArray(String[]::new);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 13})
    void onAMixtureOfAListAndAStream(int steps) throws IOException {
        assertGoesOnAfter(
                steps, streams("run.train_dataset_ratios.laion400M=1", "run.train_dataset_ratios.sherlock_caption=2"));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 11})
    void byIterationsAcrossTheEpochsOfTheData(int steps) {
        assertGoesOnAfter(
                steps,
                "run.runner=runner_iter",
                "run.max_epoch=null",
                "run.max_iters=20",
                "run.iters_per_inner_epoch=6",
                "run.accum_grad_iters=2");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7})
    void byIterationsOnAMixture(int steps) throws IOException {
        assertGoesOnAfter(
                steps,
                streams(
                        "run.train_dataset_ratios.laion400M=1",
                        "run.train_dataset_ratios.sherlock_caption=1",
                        "run.runner=runner_iter",
                        "run.max_epoch=null",
                        "run.max_iters=15",
                        "run.iters_per_inner_epoch=5"));
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 10})
    void untilMaxSteps(int steps) {
        assertGoesOnAfter(steps, "run.max_steps=11", "run.save_freq=1");
    }

    @ParameterizedTest
    @ValueSource(ints = {9, 20})
    void untilAnEarlyStop(int steps) throws IOException {
        String[] still = {
            "run.max_epoch=6", "run.init_lr=0", "run.min_lr=0", "run.warmup_lr=0", "run.early_stop_patience=2"
        };
        assertGoesOnAfter(steps, still);
        var run = whole(MiniRuns.in(outputs, still));
        assertThat(Files.readString(run.finished())).isEqualTo("{\"epoch\":2}\n");
    }

    @Test
    void fromAnEarlierCheckpointThanTheLast() throws IOException {
        var runs = MiniRuns.in(outputs, "run.save_freq=1", "run.save_steps=3", "run.keep_checkpoints=9");
        var run = whole(runs);
        var copy = outputs.resolve("copy");
        try (var files = Files.walk(run.path())) {
            for (var file : files.toList()) {
                Files.copy(file, copy.resolve(run.path().relativize(file)));
            }
        }
        var again = new RunDirectory(copy);
        MiniRuns.assertSame(runs.resume(again.stepCheckpoint(3)), run);
        MiniRuns.assertSame(runs.resume(again.checkpoint(0)), run);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 13})
    void afterAStopBetweenTheCheckpointsOfSaveSteps(int steps) {
        assertGoesOnAfter(steps, "run.save_steps=4");
    }

    @Test
    void nothingIsTheBestWhereTheRunGoesBackToBeforeTheFirstValidation() {
        var runs = MiniRuns.in(outputs, "run.save_steps=3", "run.keep_checkpoints=9");
        var run = runs.stopped(MiniRuns::training, 9);
        assertThat(run.best()).exists();
        runs.resumedAndStopped(run.stepCheckpoint(3), MiniRuns::training, 1);
        assertThat(run.best()).doesNotExist();
    }

    @Test
    void whateverChangesNoNumberMayDiffer() throws IOException {
        var runs = MiniRuns.in(outputs);
        var stopped = runs.stopped(MiniRuns::training, 5);
        var other = runs.with("run.num_workers=0", "run.save_steps=4", "run.keep_checkpoints=3", "run.save_freq=1");
        assertSameNumbers(other.resume(stopped.path()), whole(runs), 1);
    }

    @Test
    void aFinishedRunBecomesLonger() throws IOException {
        String[] constant = {"run.lr_sched=constant_lr", "run.save_freq=1"};
        var runs = MiniRuns.in(outputs, constant);
        var longer = runs.with("run.max_epoch=3");
        var run = runs.train();
        assertThat(Resumption.isFinished(run, runs.config())).isTrue();
        assertThat(Resumption.isFinished(run, longer.config())).isFalse();
        assertSameNumbers(longer.resume(run.path()), whole(longer), 2);
    }

    @Test
    void anEpochThatMaxStepsCutShortIsTrainedToItsEnd() throws IOException {
        var runs = MiniRuns.in(outputs, "run.save_freq=1");
        var run = runs.with("run.max_steps=11").train();
        assertSameNumbers(runs.resume(run.path()), whole(runs), 1);
    }

    @Test
    void inANewDirectoryItHasTheNumbersThatWouldHaveCome() throws IOException {
        var runs = MiniRuns.in(outputs);
        var stopped = runs.stopped(MiniRuns::training, 11);
        var resumed =
                runs.with("run.resume_ckpt_path=" + stopped.stepCheckpoint(11)).train();
        assertThat(resumed).isNotEqualTo(stopped);
        assertSameWeights(resumed.checkpoint(1), whole(runs).checkpoint(1));
        assertSameWeights(resumed.best(), whole(runs).best());
        var lines = epochs(whole(runs));
        assertThat(epochs(resumed)).isEqualTo(lines.subList(2, lines.size()));
    }

    /** As {@link MiniRuns#assertSame}, of runs whose configurations differ. */
    private static void assertSameNumbers(RunDirectory actual, RunDirectory expected, int lastEpoch)
            throws IOException {
        assertThat(epochs(actual)).isEqualTo(epochs(expected));
        assertThat(Files.readString(actual.evaluations())).isEqualTo(Files.readString(expected.evaluations()));
        assertSameWeights(actual.checkpoint(lastEpoch), expected.checkpoint(lastEpoch));
        assertSameWeights(actual.best(), expected.best());
    }

    private static List<String> epochs(RunDirectory run) throws IOException {
        return Files.readAllLines(run.log()).stream()
                .filter(line -> line.startsWith("{\""))
                .toList();
    }

    private static void assertSameWeights(Path actual, Path expected) {
        try (var scope = new PointerScope()) {
            var ours = Checkpoints.stateDict(actual);
            var theirs = Checkpoints.stateDict(expected);
            assertThat(ours.keySet()).isEqualTo(theirs.keySet()).isNotEmpty();
            theirs.forEach((name, tensor) ->
                    assertThat(Golden.get(ours, name).equal(tensor)).as(name).isTrue());
        }
    }
}
