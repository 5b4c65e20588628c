package io.lavis4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Configuration;
import io.lavis4j.config.ShippedConfigs;
import io.lavis4j.optim.LrSchedule;
import io.lavis4j.optim.ScheduleType;
import io.lavis4j.runner.JobConfig;
import io.lavis4j.task.CaptioningTask;
import io.lavis4j.task.InferenceMethod;
import io.lavis4j.task.RetrievalTask;
import io.lavis4j.task.VqaConfig;
import io.lavis4j.task.VqaTask;
import io.lavis4j.zoo.Blip2OptType;
import io.lavis4j.zoo.ModelZoo;
import io.lavis4j.zoo.WeightSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every file under {@code configs/} is merged and bound. */
class ConfigsTest {

    private static final String ORIGINAL = "src/test/resources/configs/caption_sherlock_original.yaml";

    private static JobConfig job(String path, List<String> options) {
        var all = new ArrayList<>(List.of("data_root=somewhere"));
        all.addAll(options);
        return JobConfig.read(Configuration.load(path, all, name -> null));
    }

    private static List<String> files() throws IOException {
        var root = Path.of("configs");
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    static List<String> runs() throws IOException {
        return files().stream()
                .filter(name -> !name.startsWith("model/") && !name.startsWith("dataset/"))
                .toList();
    }

    @Test
    void allFilesAreShipped() throws IOException {
        var shipped = new ArrayList<String>();
        for (String folder : List.of("dataset", "evaluate", "finetune", "model", "pretrain")) {
            shipped.addAll(ShippedConfigs.names(folder));
        }
        assertThat(shipped).containsExactlyElementsOf(files()).hasSizeGreaterThan(8);
    }

    @Test
    void everyTypeHasItsFileAndEveryFileATypeThatCanBeRead() {
        var published = new ArrayList<String>();
        for (var architecture : new ModelZoo()) {
            architecture
                    .published()
                    .forEach(type -> published.add("model/%s_%s.yaml".formatted(architecture.name(), type)));
        }
        assertThat(ShippedConfigs.names("model")).containsAll(published);
        for (String file : ShippedConfigs.names("model")) {
            var own = Configuration.load(file, List.of(), name -> null).root().section("model");
            String arch = own.string("arch"), type = own.string("model_type");
            assertThat(file).isEqualTo("model/%s_%s.yaml".formatted(arch, type));
            var read = new ModelZoo().get(arch).type(type);
            assertThatNoException().isThrownBy(read::sources);
            var root = Configuration.model(arch, type);
            for (String split : List.of("train", "eval")) {
                var preprocess = root.section("preprocess");
                assertThat(preprocess.section("vis_processor").section(split).integer("image_size"))
                        .isEqualTo(read.imageSize());
                assertThat(preprocess.section("text_processor").section(split).string("name"))
                        .startsWith("blip_");
            }
            root.requireValid();
        }
    }

    @ParameterizedTest
    @MethodSource("runs")
    void theCommandInTheFirstLineRunsTheFile(String name) throws IOException {
        String first = Files.readAllLines(Path.of("configs", name)).get(0);
        var words = List.of(first.split(" "));
        String command = name.startsWith("evaluate/") ? "evaluate" : "train";
        assertThat(words).startsWith("#", "lavis4j", command, "--cfg-path", "configs/" + name, "--options");
        var job = job(words.get(4), words.subList(6, words.size()));
        assertThat(job.run().evaluate()).isEqualTo(command.equals("evaluate"));
        assertThat(job.run().task()).isEqualTo(task(name));
        assertThat(job.model().prompt()).isEqualTo(prompt(name));
    }

    /** The task that a file is for, as its name says. */
    private static String task(String name) {
        if (name.startsWith("pretrain/")) {
            return "image_text_pretrain";
        }
        String file = name.substring(name.indexOf('/') + 1);
        if (file.matches("(vqa|vqav2|okvqa)_.*")) {
            return "vqa";
        }
        if (file.startsWith("gqa_")) {
            return "gqa";
        }
        return file.matches("ret(rieval)?_.*") ? "retrieval" : "captioning";
    }

    private static String prompt(String name) {
        if (name.endsWith("sherlock_clue.yaml")) {
            return "Clue:";
        }
        if (name.contains("caption_coco") || name.endsWith("caption_folder.yaml")) {
            return "a photo of";
        }
        return task(name).equals("captioning") && !name.contains("nocaps") ? "Inference:" : "";
    }

    /** The values of LAVIS's project files that differ from file to file. */
    @ParameterizedTest
    @CsvSource({
        "pretrain/pretrain_stage1, 100, 64, 5000, 1e-4, 10",
        "pretrain/pretrain_stage2, 64, 64, 2000, 1e-4, 10",
        "finetune/caption_coco, 16, 8, 1000, 1e-5, 5",
        "finetune/retrieval_coco, 14, 16, 1000, 1e-5, 5",
        "evaluate/caption_coco_opt2.7b, , 16, , ,",
        "evaluate/caption_coco_opt6.7b, , 16, , ,",
        "evaluate/caption_nocaps_out_domain_flant5xl, , 8, , ,",
        "evaluate/caption_nocaps_out_domain_flant5xxl, , 8, , ,",
        "evaluate/ret_coco, , 32, , ,",
        "evaluate/ret_flickr, , 32, , ,"
    })
    void projectFilesHaveLavisValues(
            String name, Integer batch, int evalBatch, Integer warmup, Double initLr, Integer epochs) {
        var run = job(name + ".yaml", List.of()).run();
        assertThat(run.loading().batchSizeEval()).isEqualTo(evalBatch);
        assertThat(run.seed()).isEqualTo(42);
        if (batch != null) {
            assertThat(run.loading().batchSizeTrain()).isEqualTo(batch);
            assertThat(run.optimization().amp().on()).isTrue();
            assertThat(run.optimization().weightDecay()).isEqualTo(0.05);
            var schedule = run.optimization().schedule();
            assertThat(schedule.type()).isEqualTo(ScheduleType.LINEAR_WARMUP_COSINE);
            assertThat(schedule.warmupSteps()).isEqualTo(warmup.intValue());
            assertThat(schedule.initLr()).isEqualTo(initLr);
            assertThat(schedule.maxEpoch()).isEqualTo(epochs);
        }
    }

    @Test
    void nocapsIsScoredOutsideOfCocosObjects() {
        for (String size : List.of("xl", "xxl")) {
            var job = job("evaluate/caption_nocaps_out_domain_flant5%s.yaml".formatted(size), List.of());
            var captioning = ((CaptioningTask) job.task()).config();
            assertThat(captioning.imgIds())
                    .hasSize(1413)
                    .startsWith("2", "4", "5")
                    .endsWith("4498");
            assertThat(captioning.annotationFile())
                    .isEqualTo("somewhere/nocaps/annotations/nocaps_val_4500_captions.json");
            assertThat(captioning.generation().maxLength()).isEqualTo(80);
            assertThat(captioning.generation().minLength()).isEqualTo(10);
            assertThat(captioning.generation().lengthPenalty()).isEqualTo(1);
        }
    }

    @Test
    void retrievalMatchesTheNearest128() {
        for (String name : List.of("finetune/retrieval_coco", "evaluate/ret_coco", "evaluate/ret_flickr")) {
            assertThat(job(name + ".yaml", List.of()).task()).isEqualTo(new RetrievalTask(128));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "vqav2_zeroshot_flant5xl",
                "vqav2_zeroshot_opt",
                "gqa_zeroshot_flant5xl",
                "gqa_zeroshot_opt",
                "okvqa_zeroshot_flant5xl",
                "okvqa_zeroshot_opt"
            })
    void questionsAreAnsweredWithLavisValues(String name) {
        var job = job("evaluate/" + name + ".yaml", List.of());
        assertThat(((VqaTask) job.task()).config())
                .isEqualTo(new VqaConfig(
                        new VqaConfig.Search(5, 10, 1, null),
                        InferenceMethod.GENERATE,
                        128,
                        "Question: {} Short answer:",
                        Map.of(),
                        Map.of()));
        assertThat(job.model().imageSize()).isEqualTo(224);
        assertThat(job.run().loading().batchSizeEval()).isEqualTo(64);
        assertThat(job.run().seed()).isEqualTo(42);
        assertThat(job.splitsToEvaluate()).containsExactly(name.startsWith("okvqa") ? "test" : "val");
        assertThat(job.data().datasets().get(0).splits())
                .isEqualTo(
                        name.startsWith("vqav2")
                                ? Set.of("val")
                                : name.startsWith("gqa") ? Set.of("train", "val", "test") : Set.of("train", "test"));
    }

    @ParameterizedTest
    @MethodSource("runs")
    void imagesHaveTheModelsSizeAndPromptsAgree(String name) {
        var root = Configuration.load(name, List.of(), variable -> null).root();
        var model = root.section("model");
        root.section("datasets").sections().forEach((dataset, section) -> {
            for (var vision : section.section("vis_processor").sections().values()) {
                assertThat(vision.integer("image_size")).isEqualTo(model.integer("image_size"));
            }
            var train = section.section("text_processor").sectionIfPresent("train");
            if (train != null) {
                assertThat(train.string("prompt", "").strip()).isEqualTo(model.string("prompt", ""));
            }
        });
        root.requireValid();
    }

    /** And with the batch and precision that use a GPU of 24 GB; all else is equal. */
    @Test
    void theShippedFileIsTheOriginalWithItsTwoMistakesPutRight() {
        var original = job(ORIGINAL, List.of());
        assertThat(original.model().prompt()).isEqualTo("a photo of");
        assertThat(original.run().splits().test())
                .as("there is no test split, so it is left out")
                .isEmpty();
        var changes = List.of(
                "model.prompt=Inference:", "run.test_splits=[]", "run.batch_size_train=32", "run.batch_size_eval=32");
        assertThat(Configuration.load(ORIGINAL, changes, name -> null).tree())
                .isEqualTo(
                        withoutDataRoot(Configuration.load("finetune/caption_sherlock.yaml", List.of(), name -> null)));
    }

    private static Map<String, Object> withoutDataRoot(Configuration configuration) {
        var tree = configuration.tree();
        tree.remove("data_root");
        return tree;
    }

    @Test
    void theOriginalHasTheValuesThatItsAuthorsRanWith() {
        var job = job(ORIGINAL, List.of());
        var model = (Blip2OptType) job.model();
        assertThat(model.checkpoint().loadFinetuned()).isFalse();
        assertThat(model.vision().freezeVit()).isTrue();
        assertThat(model.vision().useGradCheckpoint()).isTrue();
        assertThat(model.sources()).extracting(WeightSource::reference).endsWith("BLIP2/blip2_pretrained_opt2.7b.pth");
        var optimization = job.run().optimization();
        assertThat(optimization.schedule())
                .isEqualTo(new LrSchedule(ScheduleType.LINEAR_WARMUP_COSINE, 5, 1e-5, 0, 1e-8, 1000, 1));
        assertThat(optimization.weightDecay()).isEqualTo(0.05);
        assertThat(optimization.amp().on()).isTrue();
        assertThat(job.run().loading().batchSizeTrain()).isEqualTo(8);
        assertThat(job.run().loading().numWorkers()).isEqualTo(4);
        var generation = ((CaptioningTask) job.task()).config().generation();
        assertThat(generation.minLength()).isEqualTo(8);
        assertThat(generation.repetitionPenalty()).isEqualTo(1.15);
    }

    @Test
    void everyProblemOfAFileIsReportedAtOnce() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> job(
                        ORIGINAL,
                        List.of(
                                "model.freeze_vits=True",
                                "model.image_size=365",
                                "run.max_epochs=3",
                                "run.num_beam=3",
                                "run.batch_size_train=0",
                                "run.init_lr=fast",
                                "datasets.sherlok.a=1",
                                "dataset.a=1")))
                .satisfies(e -> assertThat(e.problems())
                        .anySatisfy(problem -> assertThat(problem)
                                .startsWith("datasets.sherlok is not a known data set; expected one of [")
                                .contains("sherlock_caption"))
                        .filteredOn(problem -> !problem.startsWith("datasets.sherlok "))
                        .containsExactlyInAnyOrder(
                                "dataset is unknown; did you mean datasets?",
                                "model.freeze_vits is unknown; did you mean freeze_vit?",
                                "model.image_size must be a positive multiple of the patch size 14, got 365",
                                "run.max_epochs is unknown; did you mean max_epoch?",
                                "run.num_beam is unknown; did you mean num_beams?",
                                "run.batch_size_train must be at least 1, got 0",
                                "run.init_lr must be a number, got \"fast\""));
    }
}
