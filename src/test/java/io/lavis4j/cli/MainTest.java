package io.lavis4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands as far as they need no model. */
class MainTest {

    @TempDir
    private Path folder = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }

    @Test
    void theZooIsPrintedAsLavisPrintsIt() {
        assertThat(run("zoo")).isZero();
        assertThat(out.toString())
                .startsWith("=".repeat(50))
                .contains("Architectures                  Types")
                .contains("blip2_opt                      pretrain_opt2.7b, pretrain_opt6.7b, caption_coco_opt2.7b");
        assertThat(err.toString()).isEmpty();
    }

    /** SLF4J would print three lines where a folder has texts beside its images. */
    @Test
    void theLogDoesNotTellOfItself() {
        assertThat(run("zoo")).isZero();
        assertThat(System.getProperty("slf4j.internal.verbosity")).isEqualTo("ERROR");
    }

    @Test
    void helpNamesTheCommandsAndTheExitStatuses() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).contains("train", "evaluate", "caption", "quickstart", "zoo", "the job failed");
    }

    @Test
    void aMisspeltCommandOrOptionIsWrongUse() {
        assertThat(run("trian")).isEqualTo(2);
        assertThat(err.toString()).contains("train");
        assertThat(run()).isEqualTo(2);
        assertThat(run("train", "--cfg", "x.yaml")).isEqualTo(2);
        assertThat(run("caption", "image.jpg")).isEqualTo(2);
        assertThat(run("caption", "--run", "a", "--cfg-path", "b", "image.jpg")).isEqualTo(2);
        assertThat(run("caption", "--run", "a", "--box", "1,2,3", "image.jpg")).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void allThatIsWrongWithAConfigurationIsSaidAtOnce() throws IOException {
        var file = folder.resolve("run.yaml");
        Files.writeString(file, """
                model: {arch: blip2_opt, model_type: small, freeze_vitt: True}
                datasets: {sherlock_caption: {region_mode: highlite}}
                run: {task: captioning, max_epoch: many, device: tpu, seed: 1, output_dir: out, evaluate: False}
                """);
        assertThat(run("train", "--cfg-path", file.toString(), "--options", "data_root=" + folder))
                .isEqualTo(2);
        assertThat(err.toString())
                .contains("freeze_vit", "highlight", "max_epoch", "device", "init_lr", "batch_size_train")
                .doesNotContain("\tat ");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void aConfigurationThatIsNowhereIsWrongUse() {
        assertThat(run("train", "--cfg-path", "configs/finetune/caption_sherlok.yaml"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("caption_sherlock.yaml");
    }

    @Test
    void aGpuThatIsNotThereIsAnErrorThatNamesTheWayOut() {
        org.junit.jupiter.api.Assumptions.assumeFalse(
                org.bytedeco.pytorch.global.torch.cuda_is_available(), "this machine has a CUDA GPU");
        assertThat(run(
                        "train",
                        "--cfg-path",
                        "finetune/caption_sherlock_mini.yaml",
                        "--options",
                        "run.device=cuda",
                        "data_root=src/test/resources/sherlock_mini"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("run.device=cpu");
    }

    @Test
    void dataThatAreNotThereAreNamedWithTheSettingThatSaysWhere() {
        assertThat(run(
                        "train",
                        "--cfg-path",
                        "finetune/caption_sherlock_mini.yaml",
                        "--options",
                        "run.device=cpu",
                        "data_root=" + folder,
                        "run.output_dir=" + folder.resolve("out")))
                .isEqualTo(1);
        assertThat(err.toString())
                .contains("sherlock_train_v1_1.json", "data_root")
                .doesNotContain("\tat ");
    }

    @Test
    void anEvaluationWithoutASplitIsWrongUse() {
        var evaluation = List.of("evaluate", "--cfg-path", "finetune/quickstart.yaml", "--options", "run.device=cpu");
        for (String more : List.of("run.seed=1", "run.test_splits=[tset]")) {
            var arguments = new ArrayList<>(evaluation);
            arguments.addAll(List.of("data_root=" + folder, more));
            assertThat(run(arguments.toArray(String[]::new))).isEqualTo(2);
            assertThat(err.toString()).contains("no split to evaluate; name one of [train, val", "run.test_splits=[");
        }
        assertThat(run(
                        "train",
                        "--cfg-path",
                        "finetune/quickstart.yaml",
                        "--options",
                        "run.device=cpu",
                        "run.evaluate=True",
                        "data_root=" + folder,
                        "run.output_dir=" + folder.resolve("out")))
                .isEqualTo(2);
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void aRunToGoOnWithThatIsNowhereIsNamedBeforeAnythingIsMade() {
        assertThat(run(
                        "train",
                        "--cfg-path",
                        "finetune/caption_sherlock_mini.yaml",
                        "--options",
                        "run.device=cpu",
                        "data_root=src/test/resources/sherlock_mini",
                        "run.resume_ckpt_path=" + folder.resolve("checkpoint_1.pth"),
                        "run.output_dir=" + folder.resolve("out")))
                .isEqualTo(1);
        assertThat(err.toString()).contains("run.resume_ckpt_path", "checkpoint_1.pth", "no such file");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void weightsAreNamedInOneWay() throws IOException {
        Files.writeString(folder.resolve("log.txt"), "{}");
        Files.copy(Path.of("configs/finetune/caption_sherlock_mini.yaml"), folder.resolve("config.yaml"));
        assertThat(run(
                        "evaluate",
                        "--run",
                        folder.toString(),
                        "--options",
                        "data_root=src/test/resources/sherlock_mini",
                        "run.resume_ckpt_path=" + folder.resolve("checkpoint_1.pth")))
                .isEqualTo(2);
        assertThat(err.toString()).contains("run.resume_ckpt_path", "expected --checkpoint FILE");
    }

    @Test
    void aRunThatIsNowhereIsNamed() {
        assertThat(run("caption", "--run", folder.resolve("nowhere").toString(), "image.jpg"))
                .isEqualTo(1);
        assertThat(err.toString()).contains("nowhere", "log.txt");
    }

    @Test
    void anArgumentThatBeginsWithAtIsAnArgumentLikeOthers() throws IOException {
        var file = folder.resolve("home");
        Files.writeString(file, "--help");
        for (String command : List.of("train", "evaluate", "caption", "score", "report", "quickstart", "zoo")) {
            assertThat(run(command, "@" + file)).as(command).isNotZero();
        }
        assertThat(out.toString()).isEmpty();
        assertThat(run("train", "--cfg-path", "@" + file)).isEqualTo(2);
        assertThat(err.toString()).contains("no file \"@" + file);
    }

    @Test
    void aConfigurationThatContainsItselfIsWrongUse() throws IOException {
        var file = folder.resolve("y.yaml");
        Files.writeString(file, "c:\n  <<: &s [*s]\n");
        assertThat(run("train", "--cfg-path", file.toString())).isEqualTo(2);
        assertThat(err.toString()).isEqualTo("error: " + file + ":2:7: << takes a map or a list of maps\n");
    }

    @Test
    void anInterpolationWithoutAValueIsWrongUse() {
        assertThat(run(
                        "train",
                        "--cfg-path",
                        "finetune/caption_sherlock_mini.yaml",
                        "--options",
                        "data_root=" + folder,
                        "run.output_dir=${data_rot}/out"))
                .isEqualTo(2);
        assertThat(err.toString())
                .isEqualTo("error: run.output_dir is \"${data_rot}/out\" (option run.output_dir), but data_rot is"
                        + " unknown; did you mean data_root?\n");
        assertThat(Path.of("${data_rot}")).doesNotExist();
    }

    @Test
    void stepsToProfileAreARange() {
        var evaluate = new String[] {"evaluate", "--cfg-path", "finetune/caption_folder_small.yaml", "--profile-steps"};
        for (String steps : new String[] {"20", "0-3", "4-3", "3-"}) {
            var arguments = Arrays.copyOf(evaluate, evaluate.length + 1);
            arguments[evaluate.length] = steps;

            assertThat(run(arguments)).isEqualTo(2);
            assertThat(err.toString())
                    .contains("--profile-steps " + steps + ": expected FROM-TO, counted from 1, as 3-22");
        }
    }
}
