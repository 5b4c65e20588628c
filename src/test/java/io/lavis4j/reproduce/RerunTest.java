package io.lavis4j.reproduce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Configuration;
import io.lavis4j.runner.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs beside a result that is published for them. */
class RerunTest {

    private static final String CONFIG = "evaluate/caption_sherlock.yaml";
    private static final List<String> SETTINGS =
            List.of("model.finetuned=BLIP2/sherlock.pth", "run.length_penalty=1.0");
    private static final PublishedResult RESULT = new PublishedResult(
            "example",
            "captions",
            CONFIG,
            null,
            SETTINGS,
            null,
            List.of(score("CIDEr", 0.3, 145.8, 146.1), score("SPICE", null, 25.2)),
            null);

    @TempDir
    private Path run = Path.of("");

    private static PublishedScore score(String metric, @Nullable Double tolerance, double... values) {
        var published = new ArrayList<PublishedScore.Value>();
        for (double value : values) {
            published.add(new PublishedScore.Value(value, "a paper"));
        }
        return new PublishedScore("val", metric, 100, tolerance, published);
    }

    private void configure(String... more) throws IOException {
        var options = new ArrayList<>(SETTINGS);
        options.addAll(List.of(more));
        Files.writeString(
                run.resolve("config.yaml"),
                Configuration.load(CONFIG, options, variable -> null).yaml());
    }

    private Rerun rerun(String evaluations, String... options) throws IOException {
        configure(options);
        Files.writeString(run.resolve("evaluate.txt"), evaluations);
        return Rerun.of(RESULT, RunDirectory.openEvaluated(run));
    }

    @Test
    void aScoreWithinTheToleranceOfAPublishedOneReproducesIt() throws IOException {
        assertThat(rerun("{\"val\": {\"CIDEr\": 1.455}}").reproduced()).isTrue();
        var rerun = rerun("{\"val\": {\"CIDEr\": 1.464, \"SPICE\": 0.2}}");
        assertThat(rerun.reproduced()).as("by the other source").isTrue();
        assertThat(rerun.scores()).hasSize(2);
        assertThat(rerun.scores().get(0).difference()).isBetween(0.2999, 0.3001);
        assertThat(rerun.scores().get(1).within()).as("what does not decide").isTrue();
    }

    @Test
    void aScoreOutsideTheToleranceDoesNot() throws IOException {
        var rerun = rerun("{\"val\": {\"CIDEr\": 1.4545}}");
        assertThat(rerun.reproduced()).isFalse();
        assertThat(rerun.scores()).hasSize(1).allMatch(score -> !score.within());
        assertThat(rerun.scores().get(0).difference()).isBetween(-0.3501, -0.3499);
        assertThat(rerun("{\"val\": {\"CIDEr\": 1.4645}}").reproduced()).isFalse();
    }

    @Test
    void theLastEvaluationOfTheSplitCounts() throws IOException {
        var rerun = rerun("""
                {"val": {"CIDEr": 1.0}}
                {"val": {"CIDEr": 1.458}}
                {"train": {"CIDEr": 0.5}}
                """);
        assertThat(rerun.reproduced()).isTrue();
    }

    @Test
    void aScoreThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> rerun("{\"val\": {\"Bleu_4\": 0.4}}"))
                .hasMessageContainingAll(
                        run.toString(),
                        "no CIDEr of split val (found: missing)",
                        "lavis4j evaluate --cfg-path " + CONFIG);
        assertThatThrownBy(() -> rerun("{\"val\": {\"CIDEr\": null}}")).hasMessageContaining("(found: null)");
        assertThatThrownBy(() -> rerun("{\"val\": "))
                .hasMessageContainingAll("evaluate.txt", "\"{\"val\": \" is not JSON");
    }

    @Test
    void aRunOfAnotherConfigurationIsRefusedWithItsDifferences() {
        String good = "{\"val\": {\"CIDEr\": 1.458}}";
        assertThatThrownBy(() -> rerun(good, "model.model_type=caption_coco_opt6.7b"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll(
                        "is not a run of example:",
                        "model.model_type is caption_coco_opt6.7b, expected caption_coco_opt2.7b",
                        "model.opt_model is facebook/opt-6.7b, expected facebook/opt-2.7b");
        assertThatThrownBy(() -> rerun(good, "datasets.laion400M.shuffle_buffer=10"))
                .hasMessageContaining("datasets.laion400M.builder is webdataset, expected not set");
        assertThatThrownBy(() -> rerun(good, "run.length_penalty=0"))
                .hasMessageContaining("run.length_penalty is 0, expected 1.0");
        assertThatThrownBy(() -> rerun(good, "model.finetuned=output/checkpoint_best.pth"))
                .hasMessageContaining("model.finetuned is output/checkpoint_best.pth, expected BLIP2/sherlock.pth");
        assertThatThrownBy(() -> rerun(good, "run.test_splits=[train]"))
                .hasMessageContaining("run.test_splits is [train], expected [val]");
    }

    @Test
    void whereThingsLieAndHowTheWorkIsSharedChangeNothing() throws IOException {
        assertThat(rerun(
                                "{\"val\": {\"CIDEr\": 1.458}}",
                                "data_root=/data",
                                "model.finetuned=/weights/sherlock.pth",
                                "datasets.sherlock_caption.build_info.images.storage=/images",
                                "run.device=cpu",
                                "run.length_penalty=1",
                                "run.batch_size_eval=3")
                        .reproduced())
                .isTrue();
    }

    @Test
    void theNewestEvaluationBelowAFolderIsMeant() throws IOException {
        rerun("{\"val\": {\"CIDEr\": 1.458}}");
        assertThat(RunDirectory.openEvaluated(run.resolve("..")).path().toRealPath())
                .isEqualTo(run.toRealPath());
        var empty = Files.createDirectory(run.resolve("empty"));
        assertThatThrownBy(() -> RunDirectory.openEvaluated(empty))
                .hasMessageContainingAll(empty.toString(), "there is no evaluate.txt in it or one level below");
    }
}
