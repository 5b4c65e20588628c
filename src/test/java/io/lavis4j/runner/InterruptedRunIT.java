package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Configuration;
import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.task.RunListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Runs that break off while they validate, and runs that have nothing left to do. */
@ExtendWith(LibtorchFirst.class)
class InterruptedRunIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path outputs = Path.of("");

    /** Breaks off in the validation after an epoch. */
    private static final class Failing implements RunListener {
        private final int epoch;
        private int validations;

        Failing(int epoch) {
            this.epoch = epoch;
        }

        @Override
        public void step(Progress progress) {
            if (progress.header().contains("Evaluation") && validations == epoch) {
                throw new Failed();
            }
        }

        @Override
        public void end(Progress progress) {
            if (progress.header().contains("Evaluation")) {
                validations++;
            }
        }
    }

    private static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private static JobConfig config(Path outputs, String... more) {
        var options = new ArrayList<>(List.of(
                "data_root=src/test/resources/sherlock_mini",
                "run.output_dir=" + outputs,
                "run.device=cpu",
                "run.max_epoch=3",
                "run.save_freq=0",
                "run.num_beams=1"));
        options.addAll(List.of(more));
        return JobConfig.read(Configuration.load("finetune/caption_sherlock_mini.yaml", options, name -> null));
    }

    private RunDirectory train(RunListener listener, String... more) {
        try (var job = Job.open(config(outputs, more))) {
            return job.train(listener);
        }
    }

    private RunDirectory trainUntil(int epoch, String... more) throws IOException {
        assertThatThrownBy(() -> train(new Failing(epoch), more)).isInstanceOf(Failed.class);
        try (var runs = Files.list(outputs)) {
            return new RunDirectory(runs.max(
                            Comparator.comparingInt((Path run) -> run.toString().length())
                                    .thenComparing(Path::toString))
                    .orElseThrow());
        }
    }

    private static RunListener silent() {
        return new Failing(Integer.MAX_VALUE);
    }

    private static List<JsonNode> epochs(RunDirectory run) throws IOException {
        var lines = new ArrayList<JsonNode>();
        for (String line : Files.readAllLines(run.log())) {
            if (line.startsWith("{\"")) {
                lines.add(JSON.readTree(line));
            }
        }
        return lines;
    }

    private static List<String> checkpoints(RunDirectory run) throws IOException {
        try (var files = Files.list(run.path())) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.contains("checkpoint"))
                    .sorted()
                    .toList();
        }
    }

    private static long epoch(Path checkpoint) {
        try (var scope = new PointerScope()) {
            return Checkpoints.get(Checkpoints.read(checkpoint), Long.class, "epoch");
        }
    }

    @Test
    void anEpochIsOnDiskBeforeItIsValidated() throws IOException {
        var whole = train(silent());
        assertThat(checkpoints(whole)).as("those of LAVIS").containsExactly("checkpoint_2.pth", "checkpoint_best.pth");
        var expected = epochs(whole);
        int best = expected.get(5).get("val_best_epoch").asInt();
        assertThat(epoch(whole.best())).isEqualTo(best);

        var broken = trainUntil(1);
        assertThat(checkpoints(broken)).contains("checkpoint_1.pth");
        var resumed = train(silent(), "run.resume_ckpt_path=" + broken.checkpoint(1));

        assertThat(epochs(resumed))
                .as("from the epoch that was not validated on")
                .isEqualTo(expected.subList(2, 6));
        assertThat(epoch(resumed.best())).isEqualTo(best);
        assertThat(checkpoints(resumed)).contains("checkpoint_2.pth", "checkpoint_best.pth");
    }

    @Test
    void theFirstEpochIsNotLostByItsValidation() throws IOException {
        var broken = trainUntil(0, "run.max_epoch=1");
        assertThat(checkpoints(broken)).containsExactly("checkpoint_0.pth");

        var resumed = train(silent(), "run.max_epoch=1", "run.resume_ckpt_path=" + broken.checkpoint(0));

        assertThat(epochs(resumed)).hasSize(2);
        assertThat(epochs(resumed).get(1).has("val_agg_metrics")).isTrue();
        assertThat(checkpoints(resumed)).as("the last, too").containsExactly("checkpoint_0.pth", "checkpoint_best.pth");
        assertThat(epoch(resumed.best())).isZero();
    }

    @Test
    void aFinishedValidationIsNotRepeated() throws IOException {
        var run = train(silent(), "run.max_epoch=2", "run.save_freq=1");
        var resumed = train(silent(), "run.resume_ckpt_path=" + run.checkpoint(1));

        assertThat(epochs(resumed)).hasSize(2);
        assertThat(epochs(resumed).get(0).get("epoch").asInt()).isEqualTo(2);
        assertThat(resumed.best()).exists();
    }

    @Test
    void aCheckpointThatHasLostItsLogIsValidatedAgain() throws IOException {
        var run = train(silent(), "run.max_epoch=2", "run.save_freq=1");
        var expected = epochs(run);
        var moved = Files.createDirectory(outputs.resolve("moved")).resolve("mine.pth");
        Files.move(run.checkpoint(1), moved);
        var resumed = train(silent(), "run.resume_ckpt_path=" + moved);

        assertThat(epochs(resumed).subList(0, 2)).isEqualTo(expected.subList(2, 4));
        assertThat(epochs(resumed).get(2).get("epoch").asInt()).isEqualTo(2);
    }

    @Test
    void aRunThatHasAllItsEpochsIsNotResumed() throws IOException {
        var run = train(silent(), "run.max_epoch=2");
        for (int epochs : new int[] {1, 2}) {
            assertThatThrownBy(() ->
                            train(silent(), "run.max_epoch=" + epochs, "run.resume_ckpt_path=" + run.checkpoint(1)))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContainingAll(
                            run.checkpoint(1).toString(),
                            "epochs 0 to 1",
                            "run.max_epoch is " + epochs,
                            "raise run.max_epoch above 2");
        }
        assertThat(RunDirectory.open(outputs)).as("no other run").isEqualTo(run);
        try (var runs = Files.list(outputs)) {
            assertThat(runs).hasSize(1);
        }
    }

    @Test
    void evaluationOfACheckpointToResumeIsOfItsWeights() throws IOException {
        var run = train(silent(), "run.max_epoch=2");
        var expected = epochs(run).get(3);

        Map<String, Map<String, Double>> scores;
        var config =
                config(outputs, "run.evaluate=True", "run.max_epoch=1", "run.resume_ckpt_path=" + run.checkpoint(1));
        try (var job = Job.open(config);
                var runner = job.runner(silent())) {
            scores = runner.train(job.newDirectory());
        }

        for (String name : List.of("loss", "CIDEr", "agg_metrics")) {
            assertThat(scores.getOrDefault("val", Map.of()).get(name))
                    .as(name)
                    .isEqualTo(expected.get("val_" + name).asDouble());
        }
    }

    /** The same file without what is ours, as LAVIS would have written it. */
    private Path ofLavis(Path checkpoint) {
        var file = outputs.resolve("of_lavis.pth");
        try (var scope = new PointerScope()) {
            Map<?, ?> ours = Checkpoints.get(Checkpoints.read(checkpoint), Map.class);
            var tree = new LinkedHashMap<Object, Object>(ours);
            assertThat(tree.remove("lavis4j")).isNotNull();
            Checkpoints.write(file, tree);
        }
        return file;
    }

    @Test
    void aCheckpointOfLavisGoesOnAtTheNextEpoch() throws IOException {
        var run = train(silent(), "run.max_epoch=2", "run.save_freq=1");
        var resumed = train(silent(), "run.max_epoch=2", "run.resume_ckpt_path=" + ofLavis(run.checkpoint(0)));
        assertThat(epochs(resumed)).hasSize(2);
        assertThat(epochs(resumed).get(0).get("epoch").asInt()).isEqualTo(1);
    }

    @Test
    void aCheckpointOfLavisByIterationsGoesOnAtTheNextIteration() throws IOException {
        String[] iterations = {
            "run.runner=runner_iter", "run.max_epoch=null", "run.max_iters=10", "run.iters_per_inner_epoch=4"
        };
        var run = train(silent(), iterations);
        var file = ofLavis(run.checkpoint(4));
        var more = new ArrayList<>(List.of(iterations));
        more.add("run.resume_ckpt_path=" + file);
        var resumed = train(silent(), more.toArray(String[]::new));
        assertThat(checkpoints(resumed)).contains("checkpoint_8.pth", "checkpoint_10.pth");
        assertThat(epochs(resumed).get(0).get("iters").asInt()).isEqualTo(8);
        assertThatThrownBy(() -> train(silent(), "run.resume_ckpt_path=" + file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(file.toString(), "it is of runner_iter, and run.runner is runner_base");
    }
}
