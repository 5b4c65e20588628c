package io.lavis4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lavis4j.config.Configuration;
import io.lavis4j.dataset.sherlock.SherlockConfig;
import io.lavis4j.dataset.sherlock.SherlockInstances;
import io.lavis4j.dataset.sherlock.SherlockPaths;
import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import io.lavis4j.metric.sherlock.NpyArray;
import io.lavis4j.model.TextScorer;
import io.lavis4j.model.Texts;
import io.lavis4j.model.TrainableModel;
import io.lavis4j.processor.ImageTensors;
import io.lavis4j.runner.Job;
import io.lavis4j.runner.JobConfig;
import io.lavis4j.task.LogListener;
import io.lavis4j.task.sherlock.SherlockScorer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.zip.ZipFile;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands {@code sherlock ...}, end to end, with the small model. */
class SherlockCommandTest {

    private static final String ZIP = "test_set_predictions.zip";
    private static final String CONFIG = "finetune/caption_sherlock_mini.yaml";
    private static final List<String> OPTIONS =
            List.of("run.device=cpu", "data_root=" + LeaderboardFiles.ROOT, "run.seed=3");

    @TempDir
    private Path folder = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }

    private int submit(Path instances) {
        return run(
                "sherlock",
                "submit",
                "--cfg-path",
                CONFIG,
                "--instances",
                instances.toString(),
                "--output",
                folder.toString(),
                "--options",
                OPTIONS.get(0),
                OPTIONS.get(1),
                OPTIONS.get(2));
    }

    private Path set() {
        return folder.resolve("set");
    }

    private String zip() {
        return folder.resolve(ZIP).toString();
    }

    @BeforeEach
    void files() {
        LeaderboardFiles.write(set());
    }

    private NpyArray array(String name) throws IOException {
        try (var zip = new ZipFile(zip());
                var in = zip.getInputStream(zip.getEntry("test_set_predictions/" + name + ".npy"))) {
            return NpyArray.parse(name, in.readAllBytes());
        }
    }

    @Test
    void aSubmissionIsMadeCheckedAndScored() throws IOException {
        assertThat(submit(set())).as(err.toString()).isZero();
        assertThat(out.toString().strip()).isEqualTo(zip());

        assertThat(run("sherlock", "validate", zip(), "--instances", set().toString()))
                .isZero();
        assertThat(out.toString().lines())
                .containsExactly(
                        "right: comparison", "right: localization", "right: retrieval_0", "right: retrieval_1");
        assertThat(run("sherlock", "validate", zip())).isEqualTo(1);
        assertThat(out.toString())
                .contains(
                        "problem: test_set_predictions/comparison.npy: has 30 scores; expected 4719",
                        "problem: test_set_predictions/retrieval_1.npy: has 9 scores; expected 978121",
                        "remark: left out, and not scored: retrieval_2");

        assertThat(run("sherlock", "score", "--answer-key", set().toString(), "--predictions", zip(), "--json"))
                .as(err.toString())
                .isZero();
        var scores = new ObjectMapper().readTree(out.toString());
        assertThat(scores.at("/comparison/n").asInt()).isEqualTo(3);
        assertThat(scores.at("/localization/gt_n").asInt()).isEqualTo(1);
        assertThat(scores.at("/localization/oracle_bbox").asDouble()).isEqualTo(100);
        assertThat(scores.at("/retrieval_0/n").asInt()).isEqualTo(3);
        assertThat(scores.at("/retrieval/splits").asInt()).isEqualTo(2);
        assertThat(scores.at("/retrieval/im2txt").asDouble())
                .isEqualTo((scores.at("/retrieval_0/im2txt").asDouble()
                                + scores.at("/retrieval_1/im2txt").asDouble())
                        / 2);
    }

    /** Every image and text in a forward of its own. */
    @Test
    void aScoreIsTheLossOfItsImageAndTextWithTheSignChanged() throws IOException {
        assertThat(submit(set().resolve("val_comparison"))).as(err.toString()).isZero();
        var array = array("comparison");
        var expected = new TreeMap<String, Float>();
        var instances = SherlockInstances.read(set().resolve("val_comparison/val_comparison_instances.json"));
        var config = JobConfig.read(Configuration.load(CONFIG, OPTIONS, name -> null));
        var paths = new SherlockPaths(List.of(LeaderboardFiles.ROOT));
        try (var job = Job.withoutData(config);
                var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            job.model().module().eval();
            var text = config.processors().text().train();
            for (var region : instances.candidates()) {
                var image = ImageTensors.tensor(
                        paths.file(region.url()),
                        new Regions(region.boxes(), region.width(), region.height(), RegionMode.HIGHLIGHT),
                        config.processors().vis().eval(),
                        job.device());
                for (int i = 0; i < region.inferences().size(); i++) {
                    var words = text.process(region.inferences().get(i));
                    var loss = job.model().as(TrainableModel.class).forward(image, Texts.of(List.of(words)));
                    expected.put(region.testIds().get(i), -loss.total().item_float());
                }
            }
        }
        assertThat(array.length()).isEqualTo(30).isEqualTo(expected.size());
        int index = 0;
        for (float score : expected.values()) {
            assertThat((float) array.value(index++)).isCloseTo(score, Offset.offset(2e-5f));
        }
        assertThat(expected.values().stream().distinct().count()).isGreaterThan(25);
    }

    @Test
    void nothingIsLeftBehindByScoring() {
        var instances = SherlockInstances.read(set().resolve("val_retrieval/val_retrieval_0_instances.json"));
        var config = JobConfig.read(Configuration.load(CONFIG, OPTIONS, name -> null));
        try (var job = Job.withoutData(config);
                var scope = new PointerScope()) {
            var scorer = SherlockScorer.of(
                    job.model().as(TextScorer.class),
                    2,
                    config.processors(),
                    config.data().first(SherlockConfig.class, "one with annotations of Sherlock"),
                    List.of());
            scorer.score("retrieval_0", instances, new LogListener(100));
            scorer.score("retrieval_0", instances, new LogListener(100));
            long count = Pointer.totalCount();
            scorer.score("retrieval_0", instances, new LogListener(100));
            assertThat(Pointer.totalCount()).isEqualTo(count);
        }
    }

    @Test
    void onePredictionFileIsScoredWithOneKey() throws IOException {
        Path split = set().resolve("val_retrieval");
        var key = new ObjectMapper()
                .readTree(split.resolve("val_retrieval_0_answer_key.json").toFile());
        var predictions = new ObjectMapper().createObjectNode();
        for (var pair : key.properties()) {
            JsonNode value = pair.getValue();
            predictions.put(pair.getKey(), value.get(0).equals(value.get(1)) ? 1 : 0);
        }
        var file = folder.resolve("perfect.json");
        Files.writeString(file, predictions.toString());
        assertThat(run(
                        "sherlock",
                        "score",
                        "--answer-key",
                        split.resolve("val_retrieval_0_answer_key.json").toString(),
                        "--instance-ids",
                        split.resolve("val_retrieval_0_instance_ids.json").toString(),
                        "--predictions",
                        file.toString()))
                .as(err.toString())
                .isZero();
        assertThat(out.toString().lines()).containsExactly("im2txt: 1.000", "txt2im: 1.000", "p_at_1: 100.000");
    }

    @Test
    void missingImagesAreNamedBeforeAnythingIsScored() throws IOException {
        var file = set().resolve("val_localization/val_localization_instances.json");
        Files.writeString(file, Files.readString(file).replace("9001_SYNTH", "9999_SYNTH"));
        assertThat(submit(set())).isEqualTo(1);
        assertThat(err.toString()).contains("localization: 1 images are not there", "9999_SYNTH");
        assertThat(folder.resolve(ZIP)).doesNotExist();
    }

    @Test
    void wrongUseIsExplained() throws IOException {
        assertThat(run("sherlock")).isEqualTo(2);
        assertThat(err.toString()).contains("expected score, submit or validate");
        assertThat(submit(Files.createDirectories(folder.resolve("empty")))).isEqualTo(2);
        assertThat(err.toString()).contains("no instance file there");
        assertThat(run(
                        "sherlock",
                        "score",
                        "--answer-key",
                        folder.resolve("empty").toString(),
                        "--predictions",
                        zip()))
                .isEqualTo(1);
        assertThat(err.toString()).contains("no answer key in this folder");
        assertThat(submit(Files.writeString(folder.resolve("mine.json"), "[]"))).isEqualTo(1);
        assertThat(err.toString()).contains("expected a name like comparison_instances.json");
    }
}
