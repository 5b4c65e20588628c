package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Configuration;
import io.lavis4j.dataset.DatasetConfig;
import io.lavis4j.dataset.shard.WebDatasetConfig;
import io.lavis4j.tensor.Devices;
import io.lavis4j.zoo.WeightFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Device;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

class JobConfigTest {

    private static final String ORIGINAL = "src/test/resources/configs/caption_sherlock_original.yaml";

    private final Logger logger = (Logger) LoggerFactory.getLogger("io.lavis4j.runner");
    private final ListAppender<ILoggingEvent> warnings = new ListAppender<>();

    @BeforeEach
    void listen() {
        warnings.start();
        logger.addAppender(warnings);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(warnings);
    }

    private List<String> messages() {
        return warnings.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    private static JobConfig read(String file, String... options) {
        var all = new ArrayList<>(List.of("data_root=somewhere"));
        all.addAll(List.of(options));
        return JobConfig.read(Configuration.load(file, all, name -> null));
    }

    @Test
    void aSplitThatTheDataSetLacksIsLeftOutWithAWarning() {
        var config = read(ORIGINAL);
        assertThat(config.run().splits().test()).isEmpty();
        assertThat(config.run().splits().valid()).containsExactly("val");
        assertThat(messages()).singleElement().asString().contains("test_splits", "\"test\"", "[train, val]");
    }

    @Test
    void textsThatDoNotBeginWithTheModelsPromptAreWarnedOf() {
        read(ORIGINAL, "run.test_splits=[]").warn();
        assertThat(messages())
                .singleElement()
                .asString()
                .contains("\"a photo of\"", "\"Inference:\"", "set model.prompt to \"Inference:\"");
    }

    @Test
    void aModelThatLearnsAnswersWantsATextProcessorThatAsks() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> read("finetune/quickstart.yaml", "model.arch=blip2_t5"))
                .withMessageContaining(
                        "datasets.sherlock_caption.text_processor gives captions alone, but blip2_t5 learns text_output after text_input; expected one that asks, as blip_instruction");
        read("finetune/quickstart.yaml", "model.arch=blip2_t5", "run.evaluate=True", "run.valid_splits=[val]");
    }

    @Test
    void evaluationAsksForNothingThatTrainingAloneNeeds() {
        var options = List.of(
                "data_root=somewhere",
                "model.arch=blip2_t5",
                "run.valid_splits=[val]",
                "datasets.sherlock_caption.vis_processor.train=null");
        var config = JobConfig.forEvaluation(Configuration.load("finetune/quickstart.yaml", options, name -> null));
        assertThat(config.run().evaluate()).isTrue();
    }

    @Test
    void captionsThatAreAnswersNeedNotBeginWithThePrompt() {
        var options = List.of("run.evaluate=True", "run.valid_splits=[val]", "model.arch=blip2_t5");
        for (String prompt : List.of("", "\"Inference: \"")) {
            var all = new ArrayList<>(options);
            all.add("datasets.sherlock_caption.text_processor.train.prompt=" + prompt);
            read("finetune/quickstart.yaml", all.toArray(String[]::new)).warn();
        }
        assertThat(messages()).isEmpty();
    }

    @Test
    void aModelThatLearnsCaptionsWantsATextProcessorThatDoesNotAsk() {
        for (String arch : List.of("blip2_opt", "blip2")) {
            assertThatExceptionOfType(ConfigException.class)
                    .isThrownBy(() -> read(
                            "finetune/quickstart.yaml",
                            "model.arch=" + arch,
                            "run.evaluate=" + arch.equals("blip2"),
                            "run.valid_splits=[val]",
                            "datasets.sherlock_caption.text_processor.train.name=blip_instruction"))
                    .withMessageContaining("datasets.sherlock_caption.text_processor asks for text_output, but " + arch
                            + " learns text_input alone; expected one that does not, as blip_caption");
        }
    }

    @Test
    void whatAsksNeedsNoPromptOfTheModelAtItsStart() {
        read("finetune/instruct_sherlock.yaml", "model.prompt=what now?").warn();
        assertThat(messages()).isEmpty();
    }

    @Test
    void aMapperWithWordsOfItsOwnWantsThemAsPrompt() {
        String mapper = "datasets.sherlock_caption.mapper=clue_inference";
        read("finetune/caption_sherlock.yaml", mapper).warn();
        assertThat(messages()).singleElement().asString().contains("\"Inference:\"", "set model.prompt to \"Clue:\"");
        warnings.list.clear();
        read("finetune/caption_sherlock.yaml", mapper, "model.prompt=Clue:").warn();
        assertThat(messages()).isEmpty();
    }

    private static List<String> problems(String... options) {
        try {
            read("finetune/caption_sherlock_mini.yaml", options);
            return List.of();
        } catch (ConfigException e) {
            return e.problems();
        }
    }

    private static final String TRAIN_SIZE = "datasets.sherlock_caption.vis_processor.train.image_size=";
    private static final String EVAL_SIZE = "datasets.sherlock_caption.vis_processor.eval.image_size=";

    @Test
    void imagesOfAnotherSizeThanTheModelsAreNamedWithBothKeys() {
        assertThat(problems(TRAIN_SIZE + 83, EVAL_SIZE + 112))
                .containsExactly(
                        "datasets.sherlock_caption.vis_processor.train.image_size is 83, but model.image_size is 84; set both to the same size",
                        "datasets.sherlock_caption.vis_processor.eval.image_size is 112, but model.image_size is 84; set both to the same size");
        assertThat(problems("model.image_size=112")).hasSize(2);
        assertThat(problems("model.image_size=112", TRAIN_SIZE + 112, EVAL_SIZE + 112))
                .isEmpty();
    }

    @Test
    void imagesThatAreNeverMadeMayBeOfAnySize() {
        assertThat(problems(EVAL_SIZE + 112, "run.valid_splits=[]")).isEmpty();
        assertThat(problems(TRAIN_SIZE + 112, "run.evaluate=True")).isEmpty();
    }

    @Test
    void aModelForCaptionsAloneWantsItsImagesInItsSize() {
        assertThatThrownBy(() -> JobConfig.withoutData(
                        Configuration.load("finetune/quickstart.yaml", List.of(EVAL_SIZE + 112), name -> null)))
                .isInstanceOf(ConfigException.class)
                .hasMessage(
                        "datasets.sherlock_caption.vis_processor.eval.image_size is 112, but model.image_size is 84; set both to the same size");
    }

    @Test
    void processorsThatAreNeededAreMissed() {
        assertThat(problems("datasets.sherlock_caption.vis_processor.eval=null"))
                .containsExactly(
                        "datasets.sherlock_caption.vis_processor has no \"eval\", which a split of this data set needs; expected a processor's name and arguments");
        assertThat(problems("datasets.sherlock_caption.text_processor=null"))
                .containsExactly(
                        "datasets.sherlock_caption.text_processor has neither \"train\" nor \"eval\"; expected a processor's name and arguments");
    }

    @Test
    void aTrainedVisionEncoderIsStoredInSinglePrecision() {
        assertThat(problems("model.freeze_vit=False", "model.vit_precision=fp16"))
                .singleElement()
                .asString()
                .startsWith("model.vit_precision must be fp32, as freeze_vit is False")
                .contains("set model.vit_precision=fp32", "or model.freeze_vit=True")
                .endsWith("got fp16");
        assertThat(problems("model.freeze_vit=True", "model.vit_precision=fp16"))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "model.freeze_vit=True, fp16, fp32",
        "model.freeze_vit=False, fp32, fp32",
        "model.freeze_vit=True model.vit_precision=fp32, fp32, fp32",
        "model.freeze_vit=True model.vit_precision=bf16, bf16, bf16"
    })
    void aFrozenVisionEncoderIsFp16OnAGpuUnlessItIsSaidOtherwise(String settings, String onGpu, String onCpu) {
        var config = read("finetune/caption_sherlock.yaml", settings.split(" "));
        var shape = Objects.requireNonNull(config.model().shape(WeightFiles.in(List.of())));
        var precision = shape.blip2().vitPrecision();
        assertThat(precision.on(new Device("cuda"))).hasToString(onGpu);
        assertThat(precision.on(Devices.cpu())).hasToString(onCpu);
    }

    @Test
    void theLowestRateIsNotAboveTheFirst() {
        assertThat(problems("run.init_lr=1e-6"))
                .containsExactly("run.min_lr must be at most init_lr, 1.0E-6, got 1.0E-5");
    }

    @Test
    void aValueIsNotHeldToAnotherThatIsWrong() {
        assertThat(problems("run.init_lr=nan")).containsExactly("run.init_lr must be a number, got \"nan\"");
        assertThat(problems("run.init_lr=-1")).containsExactly("run.init_lr must be 0 or more, got -1.0");
        assertThat(problems("run.max_len=0")).containsExactly("run.max_len must be at least 1, got 0");
        assertThat(problems("run.max_len=4", "run.min_len=5"))
                .containsExactly("run.min_len must be from 0 to max_len, 4, got 5");
    }

    @Test
    void ofAModelWithoutDefaultsOnlyThatIsReported() {
        assertThat(problems("model.model_type=foo"))
                .singleElement()
                .asString()
                .startsWith("model.model_type is \"foo\", which is unknown");
        assertThat(problems("model.model_type=foo", "model.image_size=85"))
                .hasSize(2)
                .last()
                .isEqualTo("model.image_size must be a positive multiple of the patch size 14, got 85");
    }

    @Test
    void aRunToGoOnWithHasAName() {
        assertThat(problems("run.resume_ckpt_path=''"))
                .containsExactly("run.resume_ckpt_path must be a checkpoint of a run, or null, got \"\"");
    }

    @Test
    void referencesComeFromOneFile() {
        assertThat(problems("run.annotation_file=a.json", "run.load_gt_from_file=b.json"))
                .containsExactly(
                        "run.load_gt_from_file must be left out, as annotation_file has the references, got \"b.json\"");
    }

    @Test
    void theShippedFileWarnsOfNothing() {
        read("finetune/caption_sherlock.yaml").warn();
        assertThat(messages()).isEmpty();
    }

    @Test
    void trainingNeedsASplitThatIsThere() {
        assertThatThrownBy(() -> read("finetune/caption_sherlock_mini.yaml", "run.train_splits=[trian]"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("run.train_splits names \"trian\"; did you mean train?");
    }

    @Test
    void anUnknownTaskIsNamedWithTheNearest() {
        assertThatThrownBy(() -> read("finetune/caption_sherlock_mini.yaml", "run.task=captionning"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("did you mean captioning?");
    }

    @Test
    void evaluationIsOfTheTestSplitsOrElseOfThoseForValidation() {
        assertThat(read("finetune/caption_sherlock_mini.yaml").splitsToEvaluate())
                .containsExactly("val");
        assertThat(read("finetune/caption_sherlock_mini.yaml", "run.test_splits=[train]")
                        .splitsToEvaluate())
                .containsExactly("train");
    }

    private static final String[] TWO = {
        "datasets.laion400M.vis_processor.train.name=blip2_image_train", "datasets.laion400M.shuffle_buffer=10"
    };

    private static JobConfig two(String... options) {
        var all = new ArrayList<>(List.of(TWO));
        all.addAll(List.of(options));
        return read("finetune/caption_sherlock.yaml", all.toArray(String[]::new));
    }

    @Test
    void severalDataSetsAreTrainedOnTogether() {
        var config = two();
        assertThat(config.data().datasets())
                .extracting(DatasetConfig::name)
                .containsExactly("sherlock_caption", "laion400M");
        assertThat(config.data().trainRatios()).isEmpty();
        assertThat(config.data().evaluated("val").name()).isEqualTo("sherlock_caption");
        assertThat(config.run().splits().valid()).containsExactly("val");
        assertThat(config.data().datasets().get(1)).isInstanceOfSatisfying(WebDatasetConfig.class, shards -> {
            assertThat(shards.shards()).hasSize(116).endsWith(Path.of("somewhere/laion400M/00115.tar"));
            assertThat(shards.shuffleBuffer()).isEqualTo(10);
            assertThat(shards.samples()).isNull();
        });
    }

    @Test
    void ratiosNameTheDataSetsThatAreTrainedOn() {
        var config = two("run.train_dataset_ratios.laion400M=3", "run.train_dataset_ratios.sherlock_caption=0.5");
        assertThat(config.data().trainRatios()).isEqualTo(Map.of("laion400M", 3.0, "sherlock_caption", 0.5));
        assertThat(two("run.train_dataset_ratios=null").data().trainRatios()).isEmpty();
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> two("run.train_dataset_ratios.laion400=3", "run.train_dataset_ratios.laion400M=0"))
                .satisfies(
                        e -> assertThat(e.problems())
                                .containsExactlyInAnyOrder(
                                        "run.train_dataset_ratios.laion400 is not a data set that is trained on; did you mean laion400M?",
                                        "run.train_dataset_ratios.laion400M must be a number above 0, got 0",
                                        "run.train_dataset_ratios lacks sherlock_caption; expected a number for each of [sherlock_caption, laion400M]"));
    }

    @Test
    void evaluationAndCaptioningOfAMixedRunNeedNoRatios() {
        var options = new ArrayList<>(List.of(TWO));
        options.addAll(List.of("data_root=somewhere", "run.train_dataset_ratios.laion400M=3"));
        var captioning =
                JobConfig.withoutData(Configuration.load("finetune/caption_sherlock.yaml", options, name -> null));
        assertThat(captioning.data().datasets()).isEmpty();
        var evaluation = two("run.train_dataset_ratios.laion400M=3", "run.evaluate=True", "run.train_splits=[]");
        assertThat(evaluation.run().splits().valid()).containsExactly("val");
    }

    @Test
    void anEvaluatedSplitIsOfOneDataSet() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> two("run.valid_splits=[train]"))
                .satisfies(
                        e -> assertThat(e.problems())
                                .containsExactly(
                                        "run.valid_splits names \"train\", which the data sets [sherlock_caption, laion400M] have; expected one of them: set datasets.laion400M.build_info.annotations.train=null"));
    }

    @Test
    void shardsAreNamedByAPatternThatStandsForFiles() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> two(
                        "datasets.laion400M.build_info.storage=x/{00..10.tar", "datasets.laion400M.shufle_buffer=3"))
                .satisfies(e -> assertThat(e.problems())
                        .anyMatch(problem -> problem.contains("datasets.laion400M.build_info")
                                && problem.contains("a { without its }"))
                        .anyMatch(problem -> problem.contains("did you mean shuffle_buffer?")));
    }

    @Test
    void shardsOfOnesOwnNeedNoFileOfDefaults() {
        var config = read(
                "finetune/caption_sherlock.yaml",
                "datasets.coco.builder=webdataset",
                "datasets.coco.build_info.storage=coco/{00..03}.tar",
                "datasets.coco.vis_processor.train={name: blip2_image_train, image_size: 364}",
                "datasets.coco.text_processor.train.name=blip_caption");
        assertThat(config.data().datasets().get(1)).isInstanceOfSatisfying(WebDatasetConfig.class, shards -> {
            assertThat(shards.name()).isEqualTo("coco");
            assertThat(shards.shards()).hasSize(4).startsWith(Path.of("somewhere/coco/00.tar"));
        });
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> read("finetune/caption_sherlock.yaml", "datasets.coco.builder=webdatasets"))
                .satisfies(e -> assertThat(e.problems())
                        .anyMatch(problem -> problem.startsWith("datasets.coco.builder is \"webdatasets\"")));
    }

    @Test
    void captioningNeedsNoData() {
        var config =
                JobConfig.withoutData(Configuration.load("finetune/caption_sherlock.yaml", List.of(), name -> null));
        assertThat(config.data().datasets()).isEmpty();
        assertThat(config.processors().vis().eval().imageSize()).isEqualTo(364);
    }
}
