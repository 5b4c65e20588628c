package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Configuration;
import io.lavis4j.fixture.AokVqaFixture;
import io.lavis4j.fixture.CocoVqaFixture;
import io.lavis4j.fixture.GqaFixture;
import io.lavis4j.fixture.OkVqaFixture;
import io.lavis4j.fixture.VgVqaFixture;
import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.io.JsonText;
import io.lavis4j.report.ReportOptions;
import io.lavis4j.report.RunReport;
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
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every data set of questions, in its published format, with its task and small models: two steps, then an evaluation.
 */
@ExtendWith(LibtorchFirst.class)
class VqaRunIT {

    private static final int STEPS = 2;
    private static final int BATCH = 4;

    @TempDir
    private static Path folder = Path.of("");

    @BeforeAll
    static void writeTheDataSets() {
        CocoVqaFixture.write(folder);
        OkVqaFixture.write(folder);
        AokVqaFixture.write(folder);
        GqaFixture.write(folder);
        VgVqaFixture.write(folder);
    }

    private static String entry(String dataset, String text) {
        return """
                  %s:
                    vis_processor:
                      train: {name: blip2_image_train, image_size: 84}
                      eval: {name: blip_image_eval, image_size: 84}
                    text_processor:
                      train: {%s}
                      eval: {name: blip_question}
                """.formatted(dataset, text);
    }

    private static final String ANSWERS = """
              task: vqa
              inference_method: generate
              prompt: "Question: {} Short answer:"
              num_beams: 2
              max_len: 4
            """;

    private static JobConfig job(String datasets, String... options) {
        return job(ANSWERS, datasets, options);
    }

    private static JobConfig job(String task, String datasets, String[] options) {
        try {
            var file =
                    Files.writeString(folder.resolve("job.yaml"), """
                    model:
                      arch: blip2_t5
                      model_type: small
                    datasets:
                    %s
                    run:
                    %s
                      lr_sched: constant_lr
                      init_lr: 1e-3
                      min_lr: 0
                      warmup_steps: 0
                      max_epoch: 1
                      max_steps: %d
                      batch_size_train: %d
                      batch_size_eval: %d
                      num_workers: 1
                      device: cpu
                      seed: 42
                      evaluate: False
                      train_splits: [train]
                      valid_splits: [val]
                    """.formatted(datasets, task, STEPS, BATCH, BATCH));
            var all = new ArrayList<>(List.of("data_root=" + folder, "run.output_dir=" + folder.resolve("runs")));
            all.addAll(List.of(options));
            return JobConfig.read(Configuration.load(file.toString(), all, name -> null));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Counts training steps. */
    private static final class Steps implements RunListener {
        private int count;

        @Override
        public void step(Progress progress) {
            count += progress.header().startsWith("Train") ? 1 : 0;
        }

        @Override
        public void end(Progress progress) {}
    }

    private static RunDirectory train(JobConfig config) {
        var steps = new Steps();
        try (var job = Job.open(config)) {
            var run = job.train(steps);
            assertThat(steps.count).isEqualTo(STEPS);
            return run;
        }
    }

    private static List<String> names(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static String result(RunDirectory run, String split) throws IOException {
        var found = names(run.result()).stream()
                .filter(name -> name.startsWith(split + "_epoch"))
                .toList();
        assertThat(found).isNotEmpty();
        return Files.readString(run.result().resolve(found.get(0)));
    }

    @ParameterizedTest
    @CsvSource({
        "coco_vqa, vqa, val, blip2_t5, blip_question",
        "ok_vqa, vqa, test, blip2_t5_instruct, blip_instruction",
        "aok_vqa, aok_vqa, val, blip2_vicuna_instruct, blip_instruction",
        "gqa, gqa, val, blip2_t5, blip_instruction"
    })
    void aDataSetIsLearnedAndItsQuestionsAnswered(String dataset, String task, String split, String arch, String text)
            throws IOException {
        String processor = "name: " + text + (text.equals("blip_instruction") ? ", task: qa" : "");
        var run = train(job(
                entry(dataset, processor),
                "model.arch=" + arch,
                "run.task=" + task,
                "run.valid_splits=[%s]".formatted(split)));
        var results = JsonText.parse(result(run, split));
        assertThat(results).hasSize(4);
        assertThat(Files.readString(run.evaluations()) + Files.readString(run.log()))
                .contains("accuracy\":", "%s_agg_metrics\":".formatted(split));
        if (task.equals("aok_vqa")) {
            assertThat(results.path("22MexNkBPpdZGX6sxbxV48")
                            .path("multiple_choice")
                            .asText())
                    .isIn("red", "green", "blue", "white");
            assertThat(Files.readString(run.log())).contains("val_multiple_choice");
        }
    }

    @Test
    void visualGenomesQuestionsAreLearnedWithVqas() throws IOException {
        var run = train(job(entry("coco_vqa", "name: blip_question") + entry("vg_vqa", "name: blip_question")));
        assertThat(JsonText.parse(result(run, "val"))).hasSize(4);
        var report = folder.resolve("report.html");
        RunReport.write(run, report, ReportOptions.defaults());
        assertThat(Files.readString(report)).as("scores of the log").contains("accuracy", "other");
    }

    private static Map<String, Double> evaluate(String dataset, String split, String... options) {
        return evaluate(ANSWERS, dataset, split, options);
    }

    private static Map<String, Double> evaluate(String task, String dataset, String split, String[] options) {
        var all = new ArrayList<>(List.of(options));
        all.addAll(List.of("run.evaluate=True", "run.valid_splits=[]", "run.test_splits=[%s]".formatted(split)));
        try (var job = Job.open(job(task, entry(dataset, "name: blip_question"), all.toArray(String[]::new)));
                var runner = job.runner(new Steps())) {
            return runner.evaluate(job.newDirectory(), List.of(split), "0").getOrDefault(split, Map.of());
        }
    }

    @Test
    void optAnswersWhatItCannotLearn() {
        assertThat(evaluate("coco_vqa", "val", "model.arch=blip2_opt"))
                .containsKeys("accuracy", "other", "number", "accuracy[question_type=what colour]");
        assertThatThrownBy(() -> job(entry("coco_vqa", "name: blip_question"), "model.arch=blip2_opt"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("model.arch is blip2_opt, which learns text_input alone, but data set coco_vqa"
                        + " has answers to learn; expected a model that learns text_output, as blip2_t5");
    }

    @Test
    void theLossOfAnswersIsNotAskedOfAModelThatLearnsNone() {
        assertThatThrownBy(() -> evaluate(
                        "  task: image_text_pretrain", "coco_vqa", "val", new String[] {"model.arch=blip2_opt"}))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("model.arch is blip2_opt, which learns text_input alone");
    }

    @ParameterizedTest
    @CsvSource({"blip2_opt", "blip2_t5", "blip2_vicuna_instruct"})
    void answersAreRanked(String arch) {
        assertThat(evaluate("coco_vqa", "val", "model.arch=" + arch, "run.inference_method=rank"))
                .containsKey("accuracy");
    }

    @Test
    void secretAnswersAreWrittenForTheLeaderboard() {
        assertThat(evaluate("coco_vqa", "test")).isEqualTo(Map.of("agg_metrics", 0.0));
        assertThat(evaluate("aok_vqa", "test", "run.task=aok_vqa")).isEqualTo(Map.of("agg_metrics", 0.0));
        assertThat(evaluate("gqa", "test", "run.task=gqa")).isEqualTo(Map.of("agg_metrics", 0.0));
    }

    @Test
    void choicesAreClasses() {
        assertThat(evaluate("  task: multimodal_classification", "aok_vqa", "val", new String[0]))
                .containsOnlyKeys("acc", "agg_metrics");
    }

    @Test
    void aModelThatWritesNothingIsRefused() {
        assertThatThrownBy(() -> evaluate("coco_vqa", "val", "model.arch=blip2"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("run.task is \"vqa\", which needs a model with [AnswerPredictor]");
    }
}
