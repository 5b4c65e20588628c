package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.task.RunListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Which checkpoints there are, and when; how long runs are. */
@ExtendWith(LibtorchFirst.class)
class CheckpointFilesIT {

    @TempDir
    private Path outputs = Path.of("");

    private static List<String> checkpoints(Path run) {
        try (var files = Files.list(run)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("checkpoint"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path onlyRun() {
        try (var runs = Files.list(outputs)) {
            return runs.findFirst().orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The checkpoints that there are after each training step. */
    private List<List<String>> watch(MiniRuns runs) {
        var seen = new ArrayList<List<String>>();
        try (var job = Job.open(runs.config())) {
            job.train(new RunListener() {
                @Override
                public void step(Progress progress) {
                    if (MiniRuns.training(progress.header())) {
                        seen.add(checkpoints(onlyRun()));
                    }
                }

                @Override
                public void end(Progress progress) {}
            });
        }
        return seen;
    }

    @Test
    void theLastOfThoseEverySoManyUpdatesStay() {
        var runs = MiniRuns.in(
                outputs,
                "run.accum_grad_iters=2",
                "run.save_steps=1",
                "run.keep_checkpoints=2",
                "run.valid_splits=[]",
                "run.save_freq=0");
        var seen = watch(runs);
        assertThat(seen.get(1)).isEmpty();
        assertThat(seen.get(2)).containsExactly("checkpoint_step_1.pth");
        assertThat(seen.get(6)).containsExactly("checkpoint_step_2.pth", "checkpoint_step_3.pth");
        assertThat(seen.get(8))
                .as("the end of an epoch is a checkpoint of its own")
                .containsExactly("checkpoint_0.pth", "checkpoint_step_2.pth", "checkpoint_step_3.pth");
        assertThat(checkpoints(onlyRun()))
                .containsExactly("checkpoint_1.pth", "checkpoint_step_6.pth", "checkpoint_step_7.pth");
    }

    @Test
    void aShortTimeSavesAfterEachUpdate() {
        var seen = watch(MiniRuns.in(
                outputs, "run.max_epoch=1", "run.save_minutes=1e-9", "run.valid_splits=[]", "run.save_last=False"));
        assertThat(seen.get(3)).containsExactly("checkpoint_step_3.pth");
        assertThat(checkpoints(onlyRun())).containsExactly("checkpoint_step_7.pth");
    }

    @Test
    void thoseOfEpochsThatDoNotStayGoWhenTheNextIsWhole() {
        var seen = watch(MiniRuns.in(outputs, "run.max_epoch=4", "run.save_freq=2", "run.valid_splits=[]"));
        assertThat(seen.get(8)).containsExactly("checkpoint_0.pth");
        assertThat(seen.get(16)).containsExactly("checkpoint_0.pth", "checkpoint_1.pth");
        assertThat(seen.get(24)).containsExactly("checkpoint_0.pth", "checkpoint_2.pth");
        assertThat(checkpoints(onlyRun())).containsExactly("checkpoint_0.pth", "checkpoint_2.pth", "checkpoint_3.pth");
    }

    @Test
    void aRunByIterationsHasTheFilesOfLavis() throws IOException {
        var run = MiniRuns.in(
                        outputs,
                        "run.runner=runner_iter",
                        "run.max_epoch=null",
                        "run.max_iters=13",
                        "run.iters_per_inner_epoch=5",
                        "run.val_freq=2")
                .train();
        assertThat(checkpoints(run.path())).contains("checkpoint_5.pth", "checkpoint_10.pth", "checkpoint_13.pth");
        assertThat(SavedRun.of(run.checkpoint(10)).unit()).isEqualTo(RunPlan.Unit.ITERS);
        assertThat(SavedRun.of(run.checkpoint(10)).number()).isEqualTo(10);
        assertThat(run.result().resolve("val_epoch0_iters=5.json")).exists();
        assertThat(run.result().resolve("val_epoch1_iters=13.json")).exists();
        assertThat(run.result().resolve("val_epoch1_iters=10.json"))
                .as("val_freq counts inner epochs")
                .doesNotExist();
        var lines = Files.readAllLines(run.log());
        assertThat(lines.get(lines.size() - 2)).startsWith("{\"iters\":13,\"train_lr\":");
        assertThat(lines.get(lines.size() - 1)).contains("\"val_best_iters\":");
    }

    @Test
    void aRunEndsAfterItsUpdates() throws IOException {
        var run = MiniRuns.in(outputs, "run.max_epoch=9", "run.max_steps=10", "run.save_freq=1")
                .train();
        assertThat(checkpoints(run.path())).contains("checkpoint_0.pth", "checkpoint_1.pth");
        assertThat(SavedRun.of(run.checkpoint(1)).progress()).isEqualTo(10);
        assertThat(Files.readString(run.finished())).isEqualTo("{\"epoch\":1}\n");
        assertThat(Files.readAllLines(run.evaluations())).as("validated").hasSize(2);
    }
}
