package io.lavis4j.dataset.sherlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Section;
import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.dataset.DatasetType;
import io.lavis4j.dataset.OnBroken;
import io.lavis4j.dataset.TestText;
import io.lavis4j.image.RegionMode;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SherlockBuilderTest {

    private static final String MINI = """
            data_type: images
            build_info:
              annotations:
                train:
                  url: https://example.org/sherlock_train_v1_1.json.zip
                  storage: sherlock_dataset/sherlock_train_v1_1.json
                val:
                  storage: sherlock_dataset/sherlock_val_with_split_idxs_v1_1.json
              images:
                storage: ""
            """;

    @SuppressWarnings("unchecked")
    private static SherlockConfig config(String yaml, @Nullable Path dataRoot) throws IOException {
        var root = Section.root(new YAMLMapper().readValue(yaml, Map.class));
        var config = root.read(section -> DatasetType.read("sherlock_caption", section, dataRoot));
        root.requireValid();
        return (SherlockConfig) Objects.requireNonNull(config);
    }

    @Test
    void relativePathsLieBelowTheDataRoot() throws IOException {
        var config = config(MINI, SherlockMini.ROOT);
        assertThat(config.splits()).containsExactly("train", "val");
        assertThat(config.regionMode()).isEqualTo(RegionMode.HIGHLIGHT);
        assertThat(config.mapper()).isEqualTo(SherlockMapper.INFERENCE);
        assertThat(config.choice().minConfidence()).isZero();

        var val = SherlockBuilder.build(config, "val", false);

        assertThat(val.size()).isEqualTo(16);
        assertThat(val.name()).isEqualTo("sherlock_caption");
        assertThat(val.annotations())
                .isEqualTo(SherlockAnnotations.read(SherlockMini.VAL, OnBroken.FAIL)
                        .records());
        assertThat(val.references())
                .hasSize(16)
                .allSatisfy((id, texts) -> assertThat(texts).hasSize(1));
        var sample = val.sample(3, TestText.AS_IT_IS);
        assertThat(sample.texts().instanceId()).isEqualTo(val.instanceId(3));
        assertThat(sample.image()).isRegularFile();
        assertThat(sample.regions().mode()).isEqualTo(RegionMode.HIGHLIGHT);
    }

    @Test
    void processorsAreReadForTrainingAndEvaluation() throws IOException {
        var config = config(MINI + """
                        vis_processor:
                          train: {name: blip2_image_train, image_size: 64}
                          eval: {name: blip_image_eval, image_size: 32}
                        text_processor:
                          train: {name: blip_caption, prompt: "Inference: "}
                        """, SherlockMini.ROOT);

        assertThat(config.processors().vis().train().imageSize()).isEqualTo(64);
        assertThat(config.processors().vis().eval().imageSize()).isEqualTo(32);
        assertThat(config.processors().text().train().process("So: IT is!")).isEqualTo("Inference: so it is");
        assertThatThrownBy(() -> config.processors().text().eval())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("there is no text_processor.eval");
    }

    @Test
    void everyImageOfTheMiniCorpusIsFound() throws IOException {
        var config = config(MINI, SherlockMini.ROOT);
        for (String split : config.splits()) {
            var dataset = SherlockBuilder.build(config, split, true);
            for (int i = 0; i < dataset.size(); i++) {
                assertThat(dataset.sample(i, TestText.AS_IT_IS).image()).isRegularFile();
            }
        }
    }

    @Test
    void aUrlThatIsAFileIsUsedWhereItLies() throws IOException {
        var config = config("""
                build_info:
                  annotations: {train: {url: ["%s", "%s"], storage: [none/a.json, none/b.json]}}
                  images: {storage: ["%s", /somewhere/else]}
                region_mode: blackout
                mapper: clue_inference
                """.formatted(SherlockMini.VAL, SherlockMini.TRAIN, SherlockMini.ROOT), null);
        assertThat(config.mapper()).isEqualTo(SherlockMapper.CLUE_INFERENCE);
        assertThat(config.files().imageRoots()).containsExactly(SherlockMini.ROOT, Path.of("/somewhere/else"));

        var train = SherlockBuilder.build(config, "train", true);

        assertThat(train.size()).isEqualTo(80);
        assertThat(train.sample(0, TestText.AS_IT_IS).texts().textInput())
                .startsWith("Clue: ")
                .contains(" Inference: ");
        assertThat(train.sample(0, TestText.AS_IT_IS).regions().mode()).isEqualTo(RegionMode.BLACKOUT);
    }

    @Test
    void whatIsWrongIsFoundInOnePass() {
        assertThatThrownBy(() -> config("""
                        data_type: videos
                        build_info:
                          annotations: {train: {url: [a, b], storage: [c]}, vall: {storage: x}, val: {}}
                          images: {stroage: x}
                        vis_processor: {train: {name: blip2_image_trian}, evaluation: {}}
                        region_mode: highlght
                        mapper: inferences
                        min_confidence: high
                        """, null))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("data_type is \"videos\", expected images")
                .hasMessageContaining("build_info.annotations.train.storage has 1 entries and url 2")
                .hasMessageContaining("build_info.annotations.vall is unknown; did you mean val?")
                .hasMessageContaining("build_info.annotations.val.storage is missing")
                .hasMessageContaining("build_info.images.stroage is unknown; did you mean storage?")
                .hasMessageContaining("vis_processor.train.name is \"blip2_image_trian\", which is unknown")
                .hasMessageContaining("vis_processor.evaluation is unknown")
                .hasMessageContaining("region_mode is \"highlght\", which is unknown; did you mean highlight?")
                .hasMessageContaining("mapper is \"inferences\", which is unknown; did you mean inference?")
                .hasMessageContaining("min_confidence must be a number");
        assertThatThrownBy(() -> config(MINI, null))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("build_info.annotations.train.storage is")
                .hasMessageContaining("set data_root");
    }

    @Test
    void aMissingFileIsNamedWithItsSplitAndTheKeyOfTheRoot(@TempDir Path empty) throws IOException {
        var config = config(MINI, empty);

        assertThatThrownBy(() -> SherlockBuilder.build(config, "train", true))
                .isInstanceOf(AnnotationException.class)
                .hasMessageContaining("data set sherlock_caption, split train")
                .hasMessageContaining(empty.resolve("sherlock_dataset/sherlock_train_v1_1.json")
                        .toString())
                .hasMessageContaining("data_root")
                .hasMessageContaining("published as https://example.org/sherlock_train_v1_1.json.zip");
        assertThatThrownBy(() -> SherlockBuilder.build(config, "test", false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has no split \"test\", expected one of [train, val]");
    }

    @Test
    void aFileOfAnotherChecksumIsRefused(@TempDir Path folder) throws IOException {
        var file = Files.copy(SherlockMini.VAL, folder.resolve("val.json"));
        String yaml = """
                build_info:
                  annotations: {val: {storage: val.json, md5: %s}}
                  images: {storage: .}
                """;
        var right = config(yaml.formatted(md5(file)), folder);
        var wrong = config(yaml.formatted("0123456789abcdef0123456789abcdef"), folder);

        assertThatCode(() -> SherlockBuilder.build(right, "val", false)).doesNotThrowAnyException();
        assertThatThrownBy(() -> SherlockBuilder.build(wrong, "val", false))
                .isInstanceOf(AnnotationException.class)
                .hasMessageContaining(md5(file))
                .hasMessageContaining("0123456789abcdef0123456789abcdef");
    }

    private static String md5(Path file) throws IOException {
        try {
            return "%032x"
                    .formatted(
                            new BigInteger(1, MessageDigest.getInstance("MD5").digest(Files.readAllBytes(file))));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void unsureTrainingRecordsAreLeftOut() throws IOException {
        var config = config(MINI + "min_confidence: 2\n", SherlockMini.ROOT);
        var all = SherlockAnnotations.read(SherlockMini.TRAIN, OnBroken.FAIL).records();

        var train = SherlockBuilder.build(config, "train", true);

        assertThat(train.annotations())
                .containsExactlyElementsOf(all.stream()
                        .filter(record -> Objects.requireNonNull(record.confidence()) >= 2)
                        .toList())
                .hasSizeBetween(1, 63);
        assertThat(SherlockBuilder.build(config, "train", false).size()).isEqualTo(64);
    }

    @Test
    void confidenceWeighsTrainingRecords() throws IOException {
        var config = config(MINI + "confidence_weights: [0.25, 0.5, 2]\n", SherlockMini.ROOT);
        var expected = Map.of(1.0, 0.25, 2.0, 0.5, 3.0, 2.0);
        var train = SherlockBuilder.build(config, "train", true);
        assertThat(train.annotations()).extracting(SherlockRecord::confidence).contains(1.0, 2.0, 3.0);
        for (int i = 0; i < train.size(); i++) {
            var confidence = Objects.requireNonNull(train.annotations().get(i).confidence());
            assertThat(train.sample(i, TestText.AS_IT_IS).texts().weight()).isEqualTo(expected.get(confidence));
        }
        assertThat(SherlockBuilder.build(config, "val", false)
                        .sample(0, TestText.AS_IT_IS)
                        .texts()
                        .weight())
                .as("in evaluation")
                .isEqualTo(1);
        var record = train.annotations().get(0);
        assertThat(config.choice().weight(with(record, null))).as("unknown").isEqualTo(0.25);
        assertThat(config.choice().weight(with(record, 2.9))).isEqualTo(0.5);
        assertThat(config.choice().weight(with(record, 5.0))).isEqualTo(2);
    }

    private static SherlockRecord with(SherlockRecord of, @Nullable Double confidence) {
        return new SherlockRecord(
                of.url(),
                of.width(),
                of.height(),
                of.boxes(),
                of.clue(),
                confidence,
                of.obsIdx(),
                of.inference(),
                of.instanceId(),
                of.splitIdx());
    }

    @Test
    void validationSplitsAreChosenInEvaluation() throws IOException {
        var config = config(MINI + "split_idx: [0, 2]\n", SherlockMini.ROOT);
        assertThat(SherlockBuilder.build(config, "val", false).annotations())
                .hasSize(8)
                .extracting(SherlockRecord::splitIdx)
                .containsOnly(0, 2);
        assertThat(SherlockBuilder.build(config, "train", true).size()).isEqualTo(64);
        var none = config(MINI + "split_idx: [7]\n", SherlockMini.ROOT);
        assertThatThrownBy(() -> SherlockBuilder.build(none, "val", false))
                .isInstanceOf(AnnotationException.class)
                .hasMessageContaining("0 are faulty; split_idx is [7], and the records have [0, 1, 2, 3]");
    }

    @Test
    void recordsOfNoValidationSplitAreNotOfTheChosenOnes() throws IOException {
        var config = config(MINI + "split_idx: [0]\n", SherlockMini.ROOT);
        assertThatThrownBy(() -> SherlockBuilder.build(config, "train", false))
                .isInstanceOf(AnnotationException.class)
                .hasMessageContaining("split_idx is [0], and the records have []");
    }

    @Test
    void aLeastConfidenceThatNoRecordHasIsNamed() throws IOException {
        var config = config(MINI + "min_confidence: 4\n", SherlockMini.ROOT);
        assertThatThrownBy(() -> SherlockBuilder.build(config, "train", true))
                .isInstanceOf(AnnotationException.class)
                .hasMessageEndingWith("0 are faulty; min_confidence is 4.0, and the records have [1.0, 2.0, 3.0]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e-50", "1e40"})
    void weightsAreNumbersOf32Bits(String weight) {
        assertThatThrownBy(() -> config(MINI + "confidence_weights: [%s, 1, 1]\n".formatted(weight), SherlockMini.ROOT))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("confidence_weights must be");
    }

    @Test
    void weightsAndSplitsAreChecked() {
        assertThatThrownBy(() -> config(MINI + "confidence_weights: [1, 0, 2]\nsplit_idx: [0.5]\n", SherlockMini.ROOT))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("confidence_weights must be three numbers above 0")
                .hasMessageContaining("split_idx must be a list of whole numbers from 0");
    }

    @Test
    void recordsThatTheMapperCannotUseAreLeftOutInTrainingOnly() throws IOException {
        var file = SherlockMini.ROOT.resolve("broken/null_and_float.json");
        var config = config("""
                build_info: {annotations: {train: {storage: "%s"}}, images: {storage: /data}}
                mapper: inference_given_clue
                """.formatted(file), null);

        assertThat(SherlockBuilder.build(config, "train", true).annotations()).hasSize(3);
        assertThatThrownBy(() -> SherlockBuilder.build(config, "train", false))
                .isInstanceOf(AnnotationException.class)
                .hasMessageContaining("1 of 4 records")
                .hasMessageContaining(
                        "record 1 (instance_id 680a499d4e3103f42faff969f56ea2b4): inputs.clue is unknown");
        assertThat(SherlockBuilder.build(config.withMapper(SherlockMapper.INFERENCE), "train", true)
                        .size())
                .isEqualTo(4);
    }
}
