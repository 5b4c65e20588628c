package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Configuration;
import io.lavis4j.golden.Golden;
import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.task.RunListener;
import io.lavis4j.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs of the small model on the mini corpus. */
@ExtendWith(LibtorchFirst.class)
class TrainingRunIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final RunListener SILENT = new RunListener() {
        @Override
        public void step(Progress progress) {}

        @Override
        public void end(Progress progress) {}
    };

    @TempDir
    private Path outputs = Path.of("");

    /** Stops a run at a step, as a kill does: nothing is written on the way out. */
    private record KillAt(String header, int step) implements RunListener {

        @Override
        public void step(Progress progress) {
            if (progress.header().contains(header) && progress.step() == step) {
                throw new Killed();
            }
        }

        @Override
        public void end(Progress progress) {}
    }

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private Configuration configuration(String... more) {
        var options = new ArrayList<>(List.of(
                "data_root=src/test/resources/sherlock_mini",
                "run.output_dir=" + outputs,
                "run.device=cpu",
                "run.max_epoch=4",
                "run.save_freq=1",
                "run.num_beams=1"));
        options.addAll(List.of(more));
        return Configuration.load("finetune/caption_sherlock_mini.yaml", options, name -> null);
    }

    private RunDirectory train(RunListener listener, String... more) {
        try (var job = Job.open(JobConfig.read(configuration(more)))) {
            return job.train(listener);
        }
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

    private static List<Double> values(List<JsonNode> lines, String key) {
        return lines.stream()
                .filter(line -> line.has(key))
                .map(line -> line.get(key).asDouble())
                .toList();
    }

    @Test
    void aRunLearnsAndLeavesTheFilesOfLavis() throws IOException {
        var run = train(SILENT, "run.max_epoch=6", "run.save_freq=5");

        var lines = epochs(run);
        var losses = values(lines, "val_loss");
        assertThat(losses).hasSize(6);
        assertThat(losses.get(5)).isLessThan(losses.get(0));
        assertThat(values(lines, "train_loss").get(5))
                .isLessThan(values(lines, "train_loss").get(0));
        assertThat(values(lines, "val_Bleu_4")).hasSize(6);
        assertThat(values(lines, "val_agg_metrics")).hasSize(6);
        assertThat(values(lines, "val_best_epoch")).hasSize(6);
        assertThat(values(lines, "train_lr").get(0)).isPositive();

        assertThat(run.config()).exists();
        assertThat(run.best()).exists();
        assertThat(run.checkpoint(0)).exists();
        assertThat(run.checkpoint(5)).exists();
        assertThat(run.checkpoint(3)).doesNotExist();
        assertThat(Files.readAllLines(run.evaluations())).hasSize(6).allMatch(line -> line.startsWith("{\"val\""));
        assertThat(run.result().resolve("val_epoch5.json")).exists();
        assertThat(run.result().resolve("val_epoch5_rank0.json")).exists();
        var results = JSON.readTree(run.result().resolve("val_epoch5.json").toFile());
        assertThat(results).hasSize(16);
        assertThat(results.get(0).get("image_id").asText()).matches("[0-9a-f]{32}");
    }

    @Test
    void aKilledRunGoesOnBitForBit() throws IOException {
        var whole = train(SILENT);

        assertThatThrownBy(() -> train(new KillAt("Train: data epoch: [2]", 3))).isInstanceOf(Killed.class);
        var killed = RunDirectory.open(outputs.resolve(newest()));
        assertThat(killed.newest()).contains(killed.checkpoint(1));
        var resumed = train(SILENT, "run.resume_ckpt_path=" + killed.checkpoint(1));

        var expected = epochs(whole);
        assertThat(epochs(resumed)).isEqualTo(expected.subList(4, expected.size()));
        assertSameModel(resumed.checkpoint(3), whole.checkpoint(3));
        assertThat(Files.readString(resumed.result().resolve("val_epoch3.json")))
                .isEqualTo(Files.readString(whole.result().resolve("val_epoch3.json")));
        assertThat(resumed.best()).exists();
    }

    @Test
    void aKilledRunOnAMixtureOfDataSetsGoesOnBitForBit() throws IOException {
        MiniShards.write(outputs.resolve("shards"));
        String[] mixture = {
            "datasets.laion400M.build_info.storage=" + outputs.resolve("shards").toAbsolutePath() + "/{0..2}.tar",
            "datasets.laion400M.vis_processor.train.name=blip2_image_train",
            "datasets.laion400M.vis_processor.train.image_size=84",
            "run.train_dataset_ratios.laion400M=1",
            "run.train_dataset_ratios.sherlock_caption=2",
            "run.max_epoch=3"
        };
        var whole = train(SILENT, mixture);
        int steps = 64 / 8 + 18 / 8; // of both data sets
        assertThatThrownBy(() -> train(new KillAt("Train: data epoch: [1]", steps - 1), mixture))
                .isInstanceOf(Killed.class);
        var killed = RunDirectory.open(outputs.resolve(newest()));
        var options = new ArrayList<>(List.of(mixture));
        options.add("run.resume_ckpt_path=" + killed.checkpoint(0));
        var resumed = train(SILENT, options.toArray(String[]::new));

        var expected = epochs(whole);
        assertThat(epochs(resumed)).isEqualTo(expected.subList(2, expected.size()));
        assertSameModel(resumed.checkpoint(2), whole.checkpoint(2));
        assertThat(values(expected, "train_loss"))
                .as("the shards are trained on")
                .isNotEqualTo(values(epochs(train(SILENT, "run.max_epoch=3")), "train_loss"));
    }

    private String newest() throws IOException {
        try (var runs = Files.list(outputs)) {
            return runs.map(path -> path.getFileName().toString())
                    .max(Comparator.comparingInt(String::length).thenComparing(name -> name))
                    .orElseThrow();
        }
    }

    private static void assertSameModel(Path actual, Path expected) {
        try (var scope = new PointerScope()) {
            Map<String, Tensor> ours = Checkpoints.stateDict(actual), theirs = Checkpoints.stateDict(expected);
            assertThat(ours.keySet()).isEqualTo(theirs.keySet()).isNotEmpty();
            theirs.forEach((name, tensor) ->
                    assertThat(Tensors.floats(Golden.get(ours, name))).as(name).isEqualTo(Tensors.floats(tensor)));
        }
    }

    @Test
    void numWorkersChangeNothing() throws IOException {
        var alone = train(SILENT, "run.max_epoch=1", "run.num_workers=0");
        var helped = train(SILENT, "run.max_epoch=1", "run.num_workers=3");
        assertThat(epochs(helped)).isEqualTo(epochs(alone));
    }

    @Test
    void evaluationOfARunReproducesItsBestScores() throws IOException {
        var run = train(SILENT, "run.max_epoch=2");
        var lines = epochs(run);
        int best = (int) Math.round(values(lines, "val_best_epoch").get(1));

        var config = JobConfig.forEvaluation(Configuration.load(run.config().toString(), List.of(), name -> null));
        try (var job = Job.open(config);
                var runner = job.runner(SILENT)) {
            job.loadWeights(run.weights());
            var scores = runner.evaluate(run, config.splitsToEvaluate(), "best");
            assertThat(scores).containsOnlyKeys("val");
            for (String name : List.of("Bleu_1", "CIDEr", "loss")) {
                assertThat(scores.getOrDefault("val", Map.of()).get(name))
                        .as(name)
                        .isEqualTo(values(lines, "val_" + name).get(best));
            }
        }
    }

    @Test
    void aCheckpointOfAnotherModelIsRefusedByName() throws IOException {
        var run = train(SILENT, "run.max_epoch=1");
        assertThatThrownBy(() -> train(SILENT, "run.resume_ckpt_path=" + run.checkpoint(0), "model.num_query_token=4"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("query_tokens", run.checkpoint(0).toString(), "config.yaml");
        assertThat(RunDirectory.open(run.path().resolve("..")).path().toRealPath())
                .as("what could not go on is not the newest run")
                .isEqualTo(run.path().toRealPath());
    }

    @Test
    void aBatchLargerThanTheDataIsFoundBeforeTheModelIsLoaded() {
        assertThatThrownBy(() -> train(SILENT, "run.batch_size_train=1000"))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("run.batch_size_train is 1000, but data set sherlock_caption has 64 samples")
                .hasMessageContaining("set run.batch_size_train to 64 or less");
    }

    @Test
    void referencesAreThoseOfTheFileThatIsNamed() throws IOException {
        var file = outputs.resolve("references.jsonl");
        assertThatThrownBy(() -> train(SILENT, "run.load_gt_from_file=" + file))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("run.load_gt_from_file is \"" + file + "\", and there is no such file");
        var plain = train(SILENT, "run.max_epoch=1");
        var ids = new ArrayList<String>();
        for (var row : JSON.readTree(plain.result().resolve("val_epoch0.json").toFile())) {
            ids.add(row.get("image_id").asText());
        }

        Files.writeString(file, "");
        for (String id : ids) {
            Files.writeString(
                    file,
                    "{\"instance_id\": \"%s\", \"text\": \"A word.\"}\n".formatted(id),
                    StandardOpenOption.APPEND);
        }
        var run = train(
                SILENT,
                "run.max_epoch=1",
                "run.load_gt_from_file=" + file,
                "run.sample_id_key=instance_id",
                "run.caption_key=text",
                "run.img_ids=[%s]".formatted(ids.get(3)));
        var truth = JSON.readTree(run.result().resolve("val_epoch0_gt.json").toFile());
        assertThat(truth.at("/annotations")).hasSize(1);
        assertThat(truth.at("/annotations/0/caption").asText()).isEqualTo("A word.");
        assertThat(truth.at("/annotations/0/image_id").asText()).isEqualTo(ids.get(3));
        assertThat(JSON.readTree(run.result().resolve("val_epoch0.json").toFile()))
                .hasSameSizeAs(ids);
        assertThatThrownBy(() -> train(SILENT, "run.max_epoch=1", "run.img_ids=[nowhere]"))
                .hasMessageStartingWith("run.img_ids names 1 ids without references: nowhere; expected ids such as ");
    }
}
