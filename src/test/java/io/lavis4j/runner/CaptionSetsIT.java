package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Configuration;
import io.lavis4j.fixture.CocoFixture;
import io.lavis4j.fixture.ConceptualFixture;
import io.lavis4j.fixture.Flickr30kFixture;
import io.lavis4j.fixture.LaionFixture;
import io.lavis4j.fixture.NocapsFixture;
import io.lavis4j.fixture.Opened;
import io.lavis4j.fixture.SbuFixture;
import io.lavis4j.fixture.VgCaptionFixture;
import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.task.RunListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Small models on fixtures of every set of captions, pairs and retrieval: two steps, then the task's evaluation. */
@ExtendWith(LibtorchFirst.class)
class CaptionSetsIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path root;

    private RunDirectory run(String builder, String arch, String... more) {
        var options = new ArrayList<>(Opened.options(builder, root, 84));
        options.addAll(List.of(
                "model.arch=" + arch,
                "model.model_type=small",
                "run.output_dir=" + root.resolve("runs"),
                "run.lr_sched=constant_lr",
                "run.max_epoch=1",
                "run.init_lr=1e-3",
                "run.min_lr=0",
                "run.batch_size_train=6",
                "run.batch_size_eval=3",
                "run.num_workers=1",
                "run.train_splits=[train]",
                "run.seed=42",
                "run.device=cpu"));
        options.addAll(List.of(more));
        if (options.contains("run.task=captioning")) {
            options.addAll(List.of("run.num_beams=1", "run.max_len=6"));
        }
        var configuration = Configuration.load("src/test/resources/configs/empty.yaml", options, name -> null);
        try (var job = Job.open(JobConfig.read(configuration))) {
            return job.train(RunListener.silent());
        }
    }

    private static List<JsonNode> log(RunDirectory run) throws IOException {
        var lines = new ArrayList<JsonNode>();
        for (String line : Files.readAllLines(run.log())) {
            if (line.startsWith("{\"")) {
                lines.add(JSON.readTree(line));
            }
        }
        return lines;
    }

    private static List<JsonNode> result(RunDirectory run, String name) throws IOException {
        return StreamSupport.stream(
                        JSON.readTree(run.result().resolve(name).toFile()).spliterator(), false)
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"coco_caption, 184613", "flickr30k_caption, 1018148011"})
    void captionsAreLearnedAndScored(String builder, long first) throws IOException {
        CocoFixture.write(root);
        Flickr30kFixture.write(root);
        var run = run(
                builder,
                "blip2_opt",
                "model.prompt=a photo of",
                "run.task=captioning",
                "run.evaluate=False",
                "run.valid_splits=[val]",
                "run.test_splits=[test]");

        var lines = log(run);
        assertThat(lines.get(0).get("train_loss").asDouble()).isBetween(0.1, 100.0);
        assertThat(lines.get(1).get("val_loss").asDouble()).isBetween(0.1, 100.0);
        assertThat(lines.get(1).get("val_agg_metrics").asDouble())
                .isEqualTo(lines.get(1).get("val_CIDEr").asDouble()
                        + lines.get(1).get("val_Bleu_4").asDouble());
        var results = result(run, "val_epoch0.json");
        assertThat(results)
                .hasSize(4)
                .allSatisfy(row ->
                        assertThat(row.get("image_id").isIntegralNumber()).isTrue())
                .allSatisfy(row -> assertThat(row.get("caption").isTextual()).isTrue());
        assertThat(results.get(0).get("image_id").asLong()).isEqualTo(first);
        assertThat(JSON.readTree(run.result().resolve("val_epoch0_gt.json").toFile())
                        .get("annotations"))
                .hasSize(20);
        assertThat(run.result().resolve("test_epochbest.json")).exists();
    }

    @Test
    void cocosGroundTruthStandsForTheReferences() throws IOException {
        CocoFixture.write(root);
        String[] options = {
            "model.prompt=a photo of", "run.task=captioning", "run.evaluate=True", "run.test_splits=[test]"
        };
        var own = Files.readString(run("coco_caption", "blip2_opt", options).evaluations());
        var more = Arrays.copyOf(options, 5);
        more[4] = "run.annotation_file=" + CocoFixture.groundTruth(root, "test");
        assertThat(run("coco_caption", "blip2_opt", more).evaluations()).hasContent(own);
        assertThat(own).contains("CIDEr");
    }

    @ParameterizedTest
    @ValueSource(strings = {"blip2_opt", "blip2_t5", "blip2", "blip2_t5_instruct", "blip2_vicuna_instruct"})
    void everyModelCaptionsNocaps(String arch) throws IOException {
        NocapsFixture.write(root);
        var run = run(
                "nocaps",
                arch,
                "run.task=captioning",
                "run.evaluate=True",
                "run.test_splits=[val]",
                "run.annotation_file=${data_root}/nocaps/annotations/nocaps_val_4500_captions.json",
                "run.img_ids=[2, 4, 5]");

        assertThat(result(run, "val_epoch0.json"))
                .extracting(row -> row.get("image_id").asInt())
                .containsExactlyElementsOf(NocapsFixture.IDS);
        assertThat(JSON.readTree(run.result().resolve("val_epoch0_gt.json").toFile())
                        .get("images"))
                .as("what is scored")
                .hasSize(3);
    }

    @Test
    void captionsWithoutReferencesAreWrittenIfNobodyAsksForScores() throws IOException {
        NocapsFixture.write(root);
        String[] options = {
            "run.task=captioning", "run.evaluate=True", "run.test_splits=[test]", "run.report_metric=True"
        };
        assertThatThrownBy(() -> run("nocaps", "blip2_opt", options))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("no references for 0", "run.annotation_file", "run.report_metric to False");
        options[3] = "run.report_metric=False";
        var run = run("nocaps", "blip2_opt", options);
        assertThat(result(run, "test_epoch0.json")).hasSize(4);
        assertThat(run.result().resolve("test_epoch0_gt.json")).doesNotExist();
    }

    @Test
    void anAddressIsNotRead() {
        NocapsFixture.write(root);
        assertThatThrownBy(() -> run(
                        "nocaps",
                        "blip2_opt",
                        "run.task=captioning",
                        "run.evaluate=True",
                        "run.test_splits=[val]",
                        "run.annotation_file=https://nocaps.s3.amazonaws.com/nocaps_val_4500_captions.json"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll(
                        "run.annotation_file is \"https://nocaps", "an address", "download", "give its path");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "vg_caption",
                "conceptual_caption_3m",
                "conceptual_caption_12m",
                "sbu_caption",
                "laion400M",
                "laion2B_multi"
            })
    void pairsAreLearned(String builder) throws IOException {
        VgCaptionFixture.write(root);
        ConceptualFixture.write(root);
        SbuFixture.write(root);
        LaionFixture.write(root);
        var run = run(builder, "blip2", "run.task=image_text_pretrain", "run.evaluate=False");

        var lines = log(run);
        assertThat(lines).as("nothing is evaluated").hasSize(1);
        for (String loss : List.of("train_loss", "train_loss_itc", "train_loss_itm", "train_loss_lm")) {
            assertThat(lines.get(0).get(loss).asDouble()).as(loss).isBetween(0.01, 100.0);
        }
    }

    @ParameterizedTest
    @CsvSource({"coco_retrieval, 184613", "flickr30k, 1018148011"})
    void imagesAndTextsAreFoundForOneAnother(String builder, long first) throws IOException {
        CocoFixture.write(root);
        Flickr30kFixture.write(root);
        var run = run(
                builder,
                "blip2",
                "run.task=retrieval",
                "run.evaluate=False",
                "run.valid_splits=[val]",
                "run.k_test=8",
                "run.use_dist_eval_sampler=False");

        var scores = log(run).get(1);
        assertThat(scores.get("val_img_r5").asDouble()).as("of 4 images").isEqualTo(100);
        assertThat(scores.get("val_agg_metrics")).isEqualTo(scores.get("val_txt_r_mean"));
        var file = JSON.readTree(run.result().resolve("val_epoch0.json").toFile());
        assertThat(file.get("texts_of_images")).hasSize(4).allSatisfy(image -> {
            assertThat(image.get("texts")).hasSize(10);
            int rank = image.get("rank").asInt();
            if (rank < 10) {
                assertThat(image.get("texts").get(rank).get("image_id")).isEqualTo(image.get("image_id"));
            }
        });
        assertThat(file.get("texts_of_images").get(0).get("image_id").asLong()).isEqualTo(first);
        assertThat(file.get("images_of_texts")).hasSize(20);
        assertThat(recall(file.get("images_of_texts"), 1))
                .isEqualTo(scores.get("val_img_r1").asDouble());
        assertThat(recall(file.get("texts_of_images"), 5))
                .isEqualTo(scores.get("val_txt_r5").asDouble());
    }

    private static double recall(JsonNode queries, int depth) {
        Stream<JsonNode> all = StreamSupport.stream(queries.spliterator(), false);
        return 100.0 * all.filter(query -> query.get("rank").asInt() < depth).count() / queries.size();
    }

    @Test
    void retrievalWantsTheWholeSplitInEachProcess() {
        CocoFixture.write(root);
        assertThatThrownBy(() -> run(
                        "coco_retrieval", "blip2", "run.task=retrieval", "run.evaluate=True", "run.test_splits=[test]"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("run.use_dist_eval_sampler must be False", "got", "in each process");
    }
}
