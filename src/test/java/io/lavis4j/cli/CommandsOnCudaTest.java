package io.lavis4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.fakecuda.OnFakeCuda;
import io.lavis4j.runner.MiniShards;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands that use a device, on one without numbers: every task's path from files to results. */
@OnFakeCuda
class CommandsOnCudaTest {

    private static final String MINI = "finetune/caption_sherlock_mini.yaml";

    @TempDir
    private Path folder = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private String run(String... arguments) {
        out.getBuffer().setLength(0);
        int status = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
        assertThat(status).as(err.toString()).isZero();
        return out.toString().strip();
    }

    private String[] command(String name, String file, String... options) {
        var all = new ArrayList<>(List.of(
                name,
                "--cfg-path",
                file,
                "--options",
                "data_root=src/test/resources/sherlock_mini",
                "run.output_dir=" + folder.resolve("runs"),
                "run.device=cuda",
                "run.max_epoch=1"));
        all.addAll(List.of(options));
        return all.toArray(String[]::new);
    }

    private static List<Path> images() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/test/resources/sherlock_mini/vcr1images"))) {
            return files.filter(file -> file.toString().endsWith(".jpg"))
                    .sorted()
                    .limit(2)
                    .toList();
        }
    }

    @Test
    void aRunIsTrainedResumedEvaluatedReportedAndCaptions() throws IOException {
        var run = Path.of(run(command("train", MINI, "run.save_freq=1")));
        assertThat(run.resolve("checkpoint_0.pth")).exists();
        run(command("train", MINI, "run.max_epoch=2", "run.resume_ckpt_path=" + run.resolve("checkpoint_0.pth")));
        run("evaluate", "--run", run.toString(), "--options", "run.device=cuda:1");
        run("report", run.toString());
        assertThat(run.resolve("report.html")).exists();
        var arguments = new ArrayList<>(List.of("caption", "--run", run.toString(), "--json"));
        images().forEach(image -> arguments.add(image.toString()));
        assertThat(run(arguments.toArray(String[]::new)).lines()).hasSize(2);
        var rows = folder.resolve("captions.jsonl");
        arguments.set(arguments.indexOf("--json"), "--out");
        arguments.add(arguments.indexOf("--out") + 1, rows.toString());
        arguments.addAll(List.of("--batch-size", "3", "--prompt", "red", "--prompt", "someone"));
        run(arguments.toArray(String[]::new));
        assertThat(Files.readAllLines(rows)).hasSize(4).allMatch(row -> row.contains("\"caption\""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"blip2_t5", "blip2_t5_instruct", "blip2_vicuna_instruct"})
    void aModelThatAnswersIsTrained(String arch) {
        run(command(
                "train",
                MINI,
                "model.arch=" + arch,
                "datasets.sherlock_caption.text_processor.train.name=blip_instruction",
                "datasets.sherlock_caption.text_processor.train.prompt="));
    }

    @Test
    void bothStagesArePreTrained() throws IOException {
        MiniShards.write(folder.resolve("shards"));
        var first = run(preTraining("pretrain/pretrain_stage1_laion.yaml", "model.freeze_vit=False"));
        String pretrained =
                "model.pretrained=" + Path.of(first, "checkpoint_0.pth").toAbsolutePath();
        run(preTraining("pretrain/pretrain_stage2_laion.yaml", pretrained));
    }

    private String[] preTraining(String file, String option) {
        return command(
                "train",
                file,
                option,
                "model.model_type=small",
                "datasets.laion400M.build_info.storage="
                        + folder.resolve("shards").toAbsolutePath() + "/{0..2}.tar",
                "datasets.laion400M.vis_processor.train.image_size=84",
                "run.batch_size_train=6");
    }

    @ParameterizedTest
    @ValueSource(strings = {"True", "False"})
    void aTrainedVisionEncoderRecomputesItsBlocks(String recomputed) {
        run(command(
                "train",
                MINI,
                "model.freeze_vit=False",
                "model.use_grad_checkpoint=" + recomputed,
                "run.accum_grad_iters=2"));
    }

    @Test
    void aModelMakesASubmissionToSherlocksLeaderboard() throws IOException {
        LeaderboardFiles.write(folder.resolve("set"));
        var to = Files.createDirectories(folder.resolve("submission"));
        run(
                "sherlock",
                "submit",
                "--instances",
                folder.resolve("set").toString(),
                "--output",
                to.toString(),
                "--cfg-path",
                MINI,
                "--options",
                "run.device=cuda",
                "data_root=" + LeaderboardFiles.ROOT);
        assertThat(to.resolve("test_set_predictions.zip")).exists();
    }
}
