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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command {@code estimate}. */
class EstimateCommandTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }

    private int sherlock(String gpuMemory, String... options) {
        var arguments = new ArrayList<>(
                List.of("estimate", "--cfg-path", "configs/finetune/caption_sherlock.yaml", "--gpu-memory", gpuMemory));
        if (options.length > 0) {
            arguments.add("--options");
            arguments.addAll(Arrays.asList(options));
        }
        return run(arguments.toArray(String[]::new));
    }

    /** What follows {@code --options} in each proposal. */
    private List<String> remedies() {
        return out.toString()
                .lines()
                .filter(line -> line.startsWith("  --options "))
                .map(line -> line.replaceAll("  --options (.*?)  \\(\\d+ MiB\\)", "$1"))
                .toList();
    }

    @Test
    void theShippedJobFitsIntoAGpuOf24GbPartByPart() {
        assertThat(sherlock("24GB")).as(err.toString()).isZero();
        assertThat(out.toString())
                .containsSubsequence(
                        "training, batches of 32",
                        "vision encoder             986.5         -         1885",
                        "Q-Former                   105.2     105.2          402          402          803",
                        "language model            2651.6         -         5058",
                        "projection",
                        "logits",
                        "at most at once",
                        "when backward begins",
                        "CUDA context                   500",
                        "evaluation, batches of 32",
                        "while words are written",
                        "Fits a GPU of 24GB: ");
        assertThat(remedies()).isEmpty();
    }

    @Test
    void whatDoesNotFitIsToldWhatWouldTheCheapestFirst() {
        String[] tooMany = {"run.batch_size_train=80", "model.vit_precision=fp32"};
        assertThat(sherlock("24GB", tooMany)).isEqualTo(1);
        assertThat(out.toString()).contains("Does not fit a GPU of 24GB: ");
        var remedies = remedies();
        assertThat(remedies)
                .containsExactly("model.vit_precision=fp16", "run.batch_size_train=40 run.accum_grad_iters=2");
        for (String remedy : remedies) {
            var options = new ArrayList<>(Arrays.asList(tooMany));
            options.addAll(List.of(remedy.split(" ")));
            assertThat(sherlock("24GB", options.toArray(String[]::new)))
                    .as(remedy)
                    .isZero();
        }
    }

    @Test
    void productsThatAreKeptAreGivenUpFirst() {
        assertThat(sherlock(
                        "24GB",
                        "model.vit_precision=fp32",
                        "model.freeze_vit=False",
                        "run.batch_size_train=8",
                        "model.use_grad_checkpoint=True",
                        "model.recompute_granularity=selective"))
                .isEqualTo(1);
        assertThat(remedies()).first().isEqualTo("model.recompute_granularity=full");
    }

    @Test
    void aTrainedVisionEncoderIsFrozenLast() {
        assertThat(sherlock(
                        "24GB",
                        "model.vit_precision=fp32",
                        "model.freeze_vit=False",
                        "run.batch_size_train=16",
                        "model.use_grad_checkpoint=False"))
                .isEqualTo(1);
        assertThat(remedies()).hasSizeGreaterThan(1);
        assertThat(remedies().get(0)).contains("use_grad_checkpoint=True").doesNotContain("freeze_vit");
        assertThat(remedies().get(remedies().size() - 1)).contains("freeze_vit=True");
    }

    @ParameterizedTest
    @ValueSource(strings = {"caption_sherlock", "caption_sherlock_t5", "instruct_sherlock"})
    void theShippedJobsLeaveRoomOnAGpuOf24Gb(String name) {
        assertThat(run("estimate", "--cfg-path", "finetune/%s.yaml".formatted(name), "--gpu-memory", "22GB"))
                .as(out.toString())
                .isZero();
        assertThat(run("estimate", "--cfg-path", "finetune/%s.yaml".formatted(name), "--gpu-memory", "14GB"))
                .as("makes use of it")
                .isEqualTo(1);
    }

    @Test
    void theTableOfTheReadmeIsTheCommands() throws IOException {
        assertThat(run("estimate", "--table")).as(err.toString()).isZero();
        var lines = out.toString().lines().toList();
        assertThat(lines).hasSizeGreaterThan(10).allMatch(line -> line.startsWith("| ") && line.endsWith(" |"));
        assertThat(Files.readAllLines(Path.of("README.md"))).containsSequence(lines);
    }

    @Test
    void theTableMarksWhatDoesNotFit() {
        run("estimate", "--table");
        assertThat(row("OPT-2.7b, ViT frozen in fp16")).doesNotContain("OOM");
        assertThat(row("OPT-2.7b, ViT trained").get(1)).isNotEqualTo("OOM");
        assertThat(row("OPT-2.7b, ViT trained").get(8)).isEqualTo("OOM");
        assertThat(row("OPT-6.7b, ViT frozen in fp16").get(5)).isNotEqualTo("OOM");
        assertThat(row("OPT-6.7b, ViT trained, checkpointing")).contains("OOM").endsWith("none");
        run("estimate", "--table", "--gpu-memory", "80GB");
        assertThat(row("OPT-6.7b, ViT trained, checkpointing")).doesNotContain("OOM", "none");
    }

    /** As the estimate of the job itself has it. */
    @Test
    void theLargestBatchOfTheTableFitsAndTheNextDoesNot() {
        run("estimate", "--table");
        int largest = Integer.parseInt(row("OPT-2.7b, ViT frozen in fp32").get(9));
        assertThat(sherlock("24000MB", "model.vit_precision=fp32", "run.batch_size_train=" + largest))
                .isZero();
        assertThat(sherlock("24000MB", "model.vit_precision=fp32", "run.batch_size_train=" + (largest + 1)))
                .isEqualTo(1);
    }

    private List<String> row(String name) {
        return out.toString()
                .lines()
                .map(line -> List.of(line.substring(2).split(" *\\| *", -1)))
                .map(cells -> cells.subList(0, cells.size() - 1))
                .filter(cells -> cells.get(0).equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theTableHasNoSettings() {
        assertThat(run("estimate", "--table", "--options", "run.batch_size_train=1"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--table with --options: expected --cfg-path FILE");
        assertThat(run("estimate")).isEqualTo(2);
        assertThat(run("estimate", "--table", "--cfg-path", "finetune/quickstart.yaml"))
                .isEqualTo(2);
    }

    @Test
    void aModelThatIsLargerThanTheGpuCannotBeHelped() {
        assertThat(run("estimate", "--cfg-path", "finetune/quickstart.yaml", "--gpu-memory", "100MB"))
                .isEqualTo(1);
        assertThat(out.toString()).contains("No setting makes it fit");
        assertThat(remedies()).isEmpty();
    }

    @Test
    void anEvaluationIsEstimatedWithoutItsCheckpoint() {
        assertThat(run("estimate", "--cfg-path", "configs/evaluate/caption_sherlock.yaml", "--gpu-memory", "12GB"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).startsWith("evaluation, batches of 8").doesNotContain("training", "optimizer");
    }

    @Test
    void aJobOnACpuNeedsNoContext() {
        assertThat(run("estimate", "--cfg-path", "finetune/quickstart.yaml", "--options", "run.device=cpu"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).contains("Java and libtorch").doesNotContain("CUDA", "GPU");
    }

    @Test
    void visionFeaturesThatAreKeptAreCountedWhereTheirNumberIsKnown() {
        String[] job = {
            "estimate",
            "--cfg-path",
            "finetune/quickstart.yaml",
            "--options",
            "run.device=cpu",
            "model.freeze_vit=True",
            "run.cache_vision_features=memory"
        };
        assertThat(run(job)).as(err.toString()).isZero();
        long without = needed();
        assertThat(out.toString()).contains("Vision features of 1000 images, 1 views of ");

        var counted = new ArrayList<>(Arrays.asList(job));
        counted.addAll(1, List.of("--images", "100000"));
        assertThat(run(counted.toArray(String[]::new))).as(err.toString()).isZero();
        var line = out.toString()
                .lines()
                .filter(text -> text.startsWith("Vision features of 100000"))
                .findFirst();
        long bytes = Long.parseLong(line.orElseThrow().replaceAll(".* views of (\\d+) bytes.*", "$1"));
        assertThat(needed() - without).isBetween(((bytes * 100_000) >> 20) - 1, ((bytes * 100_000) >> 20) + 1);

        counted.set(2, String.valueOf(Long.MAX_VALUE));
        assertThat(run(counted.toArray(String[]::new))).isEqualTo(2);
        assertThat(err.toString()).contains("--images 9223372036854775807: expected at most ");
        assertThat(run("estimate", "--cfg-path", "finetune/quickstart.yaml", "--images", "0"))
                .isEqualTo(2);
        assertThat(run("estimate", "--table", "--images", "5")).isEqualTo(2);
    }

    /** MiB of the first pass. */
    private long needed() {
        return out.toString()
                .lines()
                .filter(line -> line.startsWith("needed"))
                .map(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"24", "lots", "-1GB", "24TB", "0GB", "99999999999GB"})
    void anAmountHasAUnit(String amount) {
        assertThat(run("estimate", "--cfg-path", "finetune/quickstart.yaml", "--gpu-memory=" + amount))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--gpu-memory " + amount + ": expected an amount such as 24GB or 24000MB");
    }
}
