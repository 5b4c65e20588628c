package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.config.ConfigException;
import io.lavis4j.golden.LibtorchFirst;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What cannot go on is refused with the difference, before anything is written. */
@ExtendWith(LibtorchFirst.class)
class RefusedResumeIT {

    @TempDir
    private static Path outputs = Path.of("");

    /** Inside the second epoch. */
    private static RunDirectory run = new RunDirectory(Path.of(""));

    private static Map<String, String> before = Map.of();

    private static MiniRuns runs(String... options) {
        return MiniRuns.in(outputs, options);
    }

    @BeforeAll
    static void stop() {
        run = runs().stopped(MiniRuns::training, 11);
    }

    private static Map<String, String> files() {
        var files = new TreeMap<String, String>();
        try (var paths = Files.walk(outputs)) {
            for (var path : paths.filter(Files::isRegularFile).toList()) {
                files.put(path.toString(), Files.getLastModifiedTime(path) + " " + Files.size(path));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    @BeforeEach
    void remember() {
        before = files();
    }

    @AfterEach
    void nothingWasWritten() {
        assertThat(files()).isEqualTo(before);
    }

    private static void assertRefused(MiniRuns runs, String... words) {
        assertThatThrownBy(() -> runs.resume(run.path()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(run.stepCheckpoint(11).toString())
                .hasMessageContainingAll(words);
    }

    @Test
    void everySettingThatChangesNumbersIsNamedWithBothValues() {
        assertRefused(
                runs("run.seed=7", "run.weight_decay=0.1", "run.valid_splits=[]"),
                "run.seed was 42 and is 7",
                "run.weight_decay was 0.05 and is 0.1",
                "run.valid_splits was [val] and is []",
                "go on in a new directory by run.resume_ckpt_path");
        assertRefused(runs("run.accum_grad_iters=2"), "run.accum_grad_iters was 1 and is 2");
        assertRefused(runs("run.batch_size_train=4"), "run.batch_size_train was 8 and is 4");
        assertRefused(runs("datasets.sherlock_caption.region_mode=none"), "datasets.sherlock_caption.region_mode was");
        assertRefused(runs("run.amp=True"), "run.amp was false and is true");
    }

    @Test
    void aModelOfAnotherShapeIsNamed() {
        assertRefused(runs("model.num_query_token=4"), "model.num_query_token was 8 and is 4");
    }

    @Test
    void anotherLengthIsRefusedWhereItChangesTheRatesOfEpochsThatWere() {
        assertRefused(runs("run.max_epoch=3"), "run.max_epoch was 2 and is 3");
    }

    @Test
    void anotherRunnerIsNamed() {
        assertRefused(
                runs("run.runner=runner_iter", "run.max_epoch=null", "run.max_iters=20", "run.iters_per_inner_epoch=5"),
                "run.runner was null and is runner_iter");
    }

    @Test
    void insideAnEpochANewDirectoryNeedsTheSameData() {
        var file = run.stepCheckpoint(11);
        var runs = runs("run.seed=7", "run.weight_decay=0.1", "run.resume_ckpt_path=" + file);
        assertThatThrownBy(runs::train)
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll(file.toString(), "run.seed was 42 and is 7", "inside an epoch")
                .hasMessageNotContaining("weight_decay");
    }

    @Test
    void anotherModelLeavesNoDirectory() {
        var runs = runs("model.num_query_token=4", "run.resume_ckpt_path=" + run.stepCheckpoint(11));
        assertThatThrownBy(runs::train)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("query_tokens", run.stepCheckpoint(11).toString());
    }

    @Test
    void aRunnerAloneBeginsAnew() {
        var config = runs("run.resume_ckpt_path=" + run.stepCheckpoint(11)).config();
        try (var job = Job.open(config);
                var runner = job.runner(MiniRuns.SILENT)) {
            assertThatThrownBy(() -> runner.train(run))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll("run.resume_ckpt_path is", "call Job.train");
        }
    }

    @Test
    void aTruncatedCheckpointIsNamedAndPassedOver() throws IOException {
        var whole = Files.readAllBytes(run.stepCheckpoint(11));
        var broken = run.stepCheckpoint(12);
        Files.write(broken, Arrays.copyOf(whole, whole.length / 2));
        try {
            assertThatThrownBy(() -> runs().resume(broken))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContainingAll(broken.toString(), "damaged or incomplete");
            assertThat(Resumption.inPlace(run.path(), runs().config()).file()).isEqualTo(run.stepCheckpoint(11));
        } finally {
            Files.delete(broken);
        }
    }

    @Test
    void aLogThatDoesNotReachSoFarIsNamed() throws IOException {
        var copy = Files.createDirectory(outputs.resolve("copy"));
        var file = copy.resolve("checkpoint_step_11.pth");
        try {
            Files.copy(run.stepCheckpoint(11), file);
            Files.writeString(copy.resolve("log.txt"), "{\n}\n", StandardOpenOption.CREATE);
            assertThatThrownBy(() -> runs().resume(file))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll(file.toString(), "log.txt", "run.resume_ckpt_path");
            assertThatThrownBy(() -> runs().resume(copy)).hasMessageContaining("has no checkpoint from which");
        } finally {
            Files.deleteIfExists(file);
            Files.delete(copy.resolve("log.txt"));
            Files.delete(copy);
        }
    }

    @Test
    void aCheckpointOfLavisIsForANewDirectory() {
        var file = Path.of("src/test/resources/golden/i_checkpoints/checkpoint_3.pth");
        assertThatThrownBy(() -> runs().resume(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(file.toString(), "LAVIS's entries alone", "run.resume_ckpt_path");
    }

    @Test
    void weightsAloneAreNotARun() throws IOException {
        assertThatThrownBy(() -> runs().resume(outputs.resolve("nowhere")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("is not a run");
    }

    @Test
    void aRunThatIsBeingWrittenIsLeftAlone() {
        var config = runs().config();
        assertThat(Resumption.newest(config)).isNotNull();
        try (var lock = RunLock.take(run)) {
            assertThatThrownBy(() -> runs().resume(run.path()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll(run.path().toString(), "written by another process");
            assertThat(Resumption.newest(config)).isNull();
        }
    }

    @Test
    void onlyARunOfTheSameConfigurationIsTheNewest() {
        assertThat(Resumption.newest(runs("run.seed=7").config())).isNull();
        assertThat(Resumption.newest(runs("run.num_workers=1").config()))
                .satisfies(found -> assertThat(found.file()).isEqualTo(run.stepCheckpoint(11)));
    }

    @Test
    void aRunThatBeganElsewhereThanAtTheGivenCheckpointIsNotTheNewest() {
        assertThat(Resumption.newest(
                        runs("run.resume_ckpt_path=" + run.stepCheckpoint(11)).config()))
                .isNull();
    }
}
