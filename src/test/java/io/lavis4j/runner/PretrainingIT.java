package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lavis4j.config.Configuration;
import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.task.RunListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The shipped pre-training configurations with small models, on shards of the mini corpus. */
@ExtendWith(LibtorchFirst.class)
class PretrainingIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final RunListener SILENT = new RunListener() {
        @Override
        public void step(Progress progress) {}

        @Override
        public void end(Progress progress) {}
    };

    @TempDir
    private Path folder = Path.of("");

    private RunDirectory train(String file, String... more) {
        var options = new ArrayList<>(List.of(
                "model.model_type=small",
                "model.freeze_vit=False",
                "datasets.laion400M.build_info.storage="
                        + folder.resolve("shards").toAbsolutePath() + "/{0..2}.tar",
                "datasets.laion400M.vis_processor.train.image_size=84",
                "run.output_dir=" + folder.resolve("runs"),
                "run.batch_size_train=6",
                "run.batch_size_eval=6",
                "run.init_lr=2e-3",
                "run.warmup_steps=3",
                "run.device=cpu",
                "run.num_workers=2"));
        options.addAll(List.of(more));
        try (var job = Job.open(JobConfig.read(Configuration.load(file, options, name -> null)))) {
            return job.train(SILENT);
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

    @Test
    void theFirstStageTrainsAndTheSecondGoesOnFromIt() throws IOException {
        MiniShards.write(folder.resolve("shards"));
        var first = train("pretrain/pretrain_stage1_laion.yaml", "run.max_epoch=20");

        var epochs = epochs(first);
        assertThat(epochs).hasSize(20);
        for (var epoch : epochs) {
            double sum = epoch.get("train_loss_itc").asDouble()
                    + epoch.get("train_loss_itm").asDouble()
                    + epoch.get("train_loss_lm").asDouble();
            assertThat(epoch.get("train_loss").asDouble()).isCloseTo(sum, Offset.offset(1e-4));
        }
        assertThat(epochs.get(19).get("train_loss").asDouble())
                .isLessThan(0.9 * epochs.get(0).get("train_loss").asDouble());
        assertThat(first.checkpoint(19)).exists();

        var second = train(
                "pretrain/pretrain_stage2_laion.yaml",
                "model.pretrained=" + first.checkpoint(19).toAbsolutePath(),
                "run.max_epoch=3");
        var losses = epochs(second);
        assertThat(losses).hasSize(3);
        assertThat(losses.get(2).get("train_loss").asDouble())
                .isLessThan(losses.get(0).get("train_loss").asDouble());
    }

    @Test
    void aSplitForValidationHasTheLossesAndTheLeastIsTheBest() throws IOException {
        MiniShards.write(folder.resolve("shards"));
        String sherlock = "datasets.sherlock_caption.";
        var run = train(
                "pretrain/pretrain_stage1_laion.yaml",
                "data_root=src/test/resources/sherlock_mini",
                sherlock + "vis_processor.train.name=blip2_image_train",
                sherlock + "vis_processor.train.image_size=84",
                sherlock + "vis_processor.eval.name=blip_image_eval",
                sherlock + "vis_processor.eval.image_size=84",
                sherlock + "text_processor.train.name=blip_caption",
                "run.valid_splits=[val]",
                "run.max_epoch=2");

        var lines = epochs(run);
        var validation = lines.get(3);
        assertThat(validation.get("val_agg_metrics").asDouble())
                .isCloseTo(Math.exp(-validation.get("val_loss").asDouble()), Offset.offset(1e-12));
        assertThat(validation.has("val_loss_itc")).isTrue();
        assertThat(validation.get("val_best_epoch").asInt()).isEqualTo(1);
        assertThat(run.best()).exists();
    }
}
