package io.lavis4j.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.lavis4j.config.Configuration;
import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.io.JsonText;
import io.lavis4j.runner.Job;
import io.lavis4j.runner.JobConfig;
import io.lavis4j.runner.RunDirectory;
import io.lavis4j.task.RunListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole runs of every family's small model on a corpus of the quickstart. */
@ExtendWith(LibtorchFirst.class)
class FamilyTrainingIT {

    @TempDir
    private static Path folder = Path.of("");

    @BeforeAll
    static void drawTheCorpus() {
        new QuickstartCorpus(8, 6, 7).drawInto(folder.resolve("corpus"));
    }

    /** Keeps the loss of each training step. */
    private static final class Losses implements RunListener {
        private final List<Double> losses = new ArrayList<>();

        @Override
        public void step(Progress progress) {
            if (progress.header().startsWith("Train")) {
                losses.add(progress.loss());
            }
        }

        @Override
        public void end(Progress progress) {}
    }

    private static RunDirectory train(RunListener listener, String arch, String... more) {
        var options = new ArrayList<>(List.of(
                "data_root=" + folder.resolve("corpus"),
                "model.arch=" + arch,
                "run.output_dir=" + folder.resolve("runs"),
                "run.device=cpu",
                "run.warmup_steps=6",
                "run.save_freq=0",
                "run.log_freq=1"));
        options.addAll(List.of(more));
        try (var job =
                Job.open(JobConfig.read(Configuration.load("finetune/quickstart.yaml", options, name -> null)))) {
            return job.train(listener);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"blip2_t5", "blip2_t5_instruct", "blip2_vicuna_instruct"})
    void theLossOfAModelThatAnswersFallsToATenth(String arch) throws IOException {
        var listener = new Losses();
        var run = train(
                listener,
                arch,
                "datasets.sherlock_caption.text_processor.train.name=blip_instruction",
                "datasets.sherlock_caption.text_processor.train.prompt=",
                "datasets.sherlock_caption.vis_processor.train.min_scale=0.95",
                "run.batch_size_train=8",
                "run.init_lr=3e-3",
                "run.max_epoch=80",
                "run.test_splits=[val]");

        assertThat(lastLoss(run)).isLessThan(listener.losses.get(0) / 10);
        assertThat(Files.readString(run.evaluations())).contains("\"CIDEr\"", "\"loss\"");
        assertThatInt8HasLearnedTheSame(run, arch);
    }

    /** The same loss nearly, but not quite, as other numbers were computed with. */
    private static void assertThatInt8HasLearnedTheSame(RunDirectory run, String arch) {
        double loss = evaluate(run, arch, "plain", "model.load_in_8bit=False").getOrDefault("loss", 0.0);
        double lossOfInt8 =
                evaluate(run, arch, "int8", "model.load_in_8bit=True").getOrDefault("loss", 0.0);
        assertThat(lossOfInt8).isCloseTo(loss, withinPercentage(10)).isNotEqualTo(loss);
    }

    private static Map<String, Double> evaluate(RunDirectory run, String arch, String label, String storage) {
        var config = JobConfig.forEvaluation(Configuration.load(
                "finetune/quickstart.yaml",
                List.of(
                        "data_root=" + folder.resolve("corpus"),
                        "model.arch=" + arch,
                        "run.device=cpu",
                        "run.valid_splits=[train]",
                        storage),
                name -> null));
        try (var job = Job.open(config, run.weights());
                var runner = job.runner(new Losses())) {
            return runner.evaluate(run, List.of("train"), label).getOrDefault("train", Map.of());
        }
    }

    private static double lastLoss(RunDirectory run) throws IOException {
        var losses = new ArrayList<Double>();
        for (String line : Files.readAllLines(run.log())) {
            if (line.startsWith("{\"epoch\"")) {
                losses.add(JsonText.parse(line).get("train_loss").asDouble());
            }
        }
        return losses.get(losses.size() - 1);
    }

    /** Answers are learned after the prompt, so that the loss of captions is that of answers to it. */
    @Test
    void aModelThatAnswersIsEvaluatedOnPlainCaptions() {
        var scores = evaluatedOnCaptions("");
        assertThat(scores).containsKeys("CIDEr", "loss");
        assertThat(scores.getOrDefault("loss", 0.0)).isPositive();
        assertThat(evaluatedOnCaptions("\"Inference: \""))
                .as("the prompt is no answer")
                .isEqualTo(scores);
    }

    private static Map<String, Double> evaluatedOnCaptions(String prompt) {
        var config = JobConfig.read(Configuration.load(
                "finetune/quickstart.yaml",
                List.of(
                        "data_root=" + folder.resolve("corpus"),
                        "model.arch=blip2_t5",
                        "datasets.sherlock_caption.text_processor.train.prompt=" + prompt,
                        "run.output_dir=" + folder.resolve("runs"),
                        "run.device=cpu",
                        "run.evaluate=True",
                        "run.valid_splits=[val]"),
                name -> null));
        try (var job = Job.open(config);
                var runner = job.runner(new Losses())) {
            return runner.evaluate(job.newDirectory(), List.of("val"), "0").getOrDefault("val", Map.of());
        }
    }
}
