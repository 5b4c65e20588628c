package io.lavis4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.config.Configuration;
import io.lavis4j.io.JsonText;
import io.lavis4j.reproduce.PublishedResults;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code reproduce}. */
class ReproduceCommandTest {

    private static final String NAME = "caption_coco_opt2.7b";

    @TempDir
    private Path folder = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(Object... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        var texts = Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new);
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), texts);
    }

    private void evaluated(double cider) throws IOException {
        var result = PublishedResults.shipped().get(NAME);
        Files.writeString(
                folder.resolve("config.yaml"),
                Configuration.load(result.runnable(), result.settings(), variable -> null)
                        .yaml());
        Files.writeString(folder.resolve("evaluate.txt"), "{\"test\": {\"CIDEr\": %s}}%n".formatted(cider));
    }

    @Test
    void withoutANameTheResultsAreListed() throws IOException {
        assertThat(run("reproduce")).as(err.toString()).isZero();
        assertThat(out.toString().lines())
                .anySatisfy(line -> assertThat(line).startsWith(NAME).contains("CIDEr 145.8 or 146.1"))
                .anySatisfy(line -> assertThat(line).startsWith("sherlock_human"))
                .anySatisfy(line -> assertThat(line).contains("not yet computed with lavis4j"));
        assertThat(run("reproduce", "--json")).isZero();
        assertThat(JsonText.parse(out.toString()).path("results"))
                .hasSameSizeAs(PublishedResults.shipped().results());
    }

    @Test
    void aNameSaysWhatItTakes() throws IOException {
        assertThat(run("reproduce", NAME, "--options", "data_root=" + folder))
                .as(err.toString())
                .isZero();
        assertThat(out.toString())
                .containsSubsequence(
                        "not yet computed with lavis4j",
                        "On disk",
                        "blip2_caption_opt2.7b.pth",
                        "  missing  coco_caption, annotations",
                        "lavis4j download model blip2_opt caption_coco_opt2.7b brings weights",
                        "  lavis4j evaluate --cfg-path evaluate/%s.yaml --options data_root=%s "
                                .formatted(NAME, folder),
                        "run.repetition_penalty=1.0 run.length_penalty=1.0",
                        "test CIDEr",
                        "145.8 +- 0.3",
                        "arXiv:2301.12597v3, table 3",
                        "lavis4j reproduce " + NAME + " --run DIR");
        assertThat(run("reproduce", NAME, "--json")).isZero();
        var object = JsonText.parse(out.toString());
        assertThat(object.at("/command").asText()).contains("data_root=");
        assertThat(object.at("/files")).isNotEmpty();
        assertThat(run("reproduce", "caption_nocaps_opt2.7b")).isZero();
        assertThat(out.toString())
                .doesNotContain("None/")
                .contains("references", "/nocaps/annotations/nocaps_val_4500_captions.json", "'run.img_ids=[]'");
        assertThat(object.at("/result/scores/0/published/0/value").asDouble()).isEqualTo(145.8);
    }

    @Test
    void aResultOfAnotherModelIsShownAlone() throws IOException {
        assertThat(run("reproduce", "sherlock_clip_rn50x64")).isZero();
        assertThat(out.toString())
                .contains("Cannot be run here: a row of another model, shown for comparison", "33.44")
                .doesNotContain("Command", "--run");
        evaluated(1.458);
        assertThat(run("reproduce", "sherlock_clip_rn50x64", "--run", folder)).isEqualTo(1);
        assertThat(err.toString()).contains("sherlock_clip_rn50x64 cannot be run");
    }

    @Test
    void theExitStatusSaysWhetherARunReproducesIt() throws IOException {
        evaluated(1.457);
        assertThat(run("reproduce", NAME, "--run", folder)).as(err.toString()).isZero();
        assertThat(out.toString())
                .contains("145.70  -0.10 from 145.8", ": within 0.3")
                .endsWith("reproduced\n");
        evaluated(1.40);
        assertThat(run("reproduce", NAME, "--run", folder)).isEqualTo(1);
        assertThat(out.toString())
                .contains("140.00  -5.80 from 145.8", ": more than 0.3")
                .endsWith("not reproduced\n");
        assertThat(run("reproduce", NAME, "--run", folder, "--json")).isEqualTo(1);
        var object = JsonText.parse(out.toString());
        assertThat(object.path("reproduced").asBoolean(true)).isFalse();
        assertThat(object.at("/scores/0/difference").asDouble()).isBetween(-5.81, -5.79);
    }

    @Test
    void whatIsWrongIsNamed() throws IOException {
        assertThat(run("reproduce", "caption_coco_opt2.7")).isEqualTo(2);
        assertThat(err.toString()).contains("did you mean " + NAME + "?");
        assertThat(run("reproduce", "--run", folder)).isEqualTo(2);
        assertThat(err.toString()).contains("--run without NAME: expected the result that the run is of");
        assertThat(run("reproduce", "--options", "data_root=x")).isEqualTo(2);
        assertThat(run("reproduce", NAME, "--run", folder)).isEqualTo(1);
        assertThat(err.toString()).contains("there is no evaluate.txt in it");
        evaluated(1.4);
        assertThat(run("reproduce", NAME, "--run", folder, "--options", "data_root=x"))
                .isEqualTo(2);
        assertThat(run("reproduce", "caption_coco_opt6.7b", "--run", folder)).isEqualTo(2);
        assertThat(err.toString())
                .contains("is not a run of caption_coco_opt6.7b", "model.model_type is caption_coco_opt2.7b");
    }
}
