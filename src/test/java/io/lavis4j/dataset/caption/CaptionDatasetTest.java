package io.lavis4j.dataset.caption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.dataset.SampleSource;
import io.lavis4j.dataset.SampleTexts;
import io.lavis4j.fixture.CocoFixture;
import io.lavis4j.fixture.ConceptualFixture;
import io.lavis4j.fixture.Flickr30kFixture;
import io.lavis4j.fixture.NocapsFixture;
import io.lavis4j.fixture.Opened;
import io.lavis4j.fixture.SbuFixture;
import io.lavis4j.fixture.VgCaptionFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CaptionDatasetTest {

    @TempDir
    private Path root;

    private SampleSource open(String builder, String split, boolean training) {
        return Opened.split(builder, root, Opened.options(builder, root, 84), split, training);
    }

    private static List<SampleTexts> texts(SampleSource source) {
        var dataset = source.dataset();
        return IntStream.range(0, dataset.size())
                .mapToObj(i -> dataset.sample(i, source.textProcessor()).texts())
                .toList();
    }

    @Test
    void eachCaptionOfCocoIsATrainingSample() {
        CocoFixture.write(root);
        var source = open("coco_caption", "train", true);

        assertThat(source.dataset().size()).isEqualTo(12);
        var second = source.dataset().sample(1, source.textProcessor());
        assertThat(second.image()).isEqualTo(root.resolve("coco/images/train2014/COCO_train2014_000000000009.jpg"));
        assertThat(second.texts().textInput()).isEqualTo("a photo of text 1 says that a square is drawn on image 9");
        assertThat(texts(source)).extracting(SampleTexts::imageId).containsOnly(SampleTexts.NO_IMAGE_ID);
        assertThat(source.dataset().leftOut()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "coco_caption, 184613",
        "flickr30k_caption, 1018148011",
        "coco_retrieval, 184613",
        "flickr30k, 1018148011"
    })
    void anEvaluatedImageIsOneSampleNamedByTheNumberOfItsFile(String builder, String first) {
        CocoFixture.write(root);
        Flickr30kFixture.write(root);
        var source = open(builder, "val", false);

        assertThat(source.dataset().size()).isEqualTo(4);
        assertThat(source.dataset().instanceId(0)).isEqualTo(first);
        assertThat(texts(source))
                .allSatisfy(texts -> assertThat(texts.references()).hasSize(5));
        assertThat(source.dataset().references())
                .containsKey(first)
                .hasSize(4)
                .allSatisfy((id, references) -> assertThat(references.get(4))
                        .isEqualTo("Text 4 says that a square is drawn on image %s.".formatted(id)));
    }

    @Test
    void recordsOfOneImageAreEvaluatedTogether() {
        CocoFixture.write(root);
        var evaluated = texts(open("coco_caption", "train", false));

        assertThat(evaluated)
                .hasSize(6)
                .allSatisfy(texts -> assertThat(texts.references()).hasSize(2));
        assertThat(evaluated.get(5).instanceId()).isEqualTo("14");
    }

    @Test
    void captionsToBeFoundAreProcessedAndTrainingSamplesOfAnImageHaveItsNumber() {
        CocoFixture.write(root);
        assertThat(texts(open("coco_retrieval", "train", true)))
                .extracting(SampleTexts::imageId)
                .containsExactly(0L, 0L, 1L, 1L, 2L, 2L, 3L, 3L, 4L, 4L, 5L, 5L);
        var evaluated = texts(open("coco_retrieval", "test", false)).get(0);
        assertThat(evaluated.references()).startsWith("text 0 says that a square is drawn on image 391895");
        assertThat(evaluated.textInput()).isEqualTo(evaluated.references().get(0));
    }

    @Test
    void nocapsHasNumbersOfItsOwnAndNoCaptions() {
        NocapsFixture.write(root);
        for (String split : List.of("val", "test")) {
            var samples = texts(open("nocaps", split, false));
            assertThat(samples).extracting(SampleTexts::instanceId).containsExactly("0", "2", "4", "5");
            assertThat(samples)
                    .allSatisfy(texts -> assertThat(texts.references()).isEmpty());
        }
    }

    @Test
    void nothingIsLearnedOfRecordsWithoutCaptions() {
        NocapsFixture.write(root);
        assertThatThrownBy(() -> open("nocaps", "val", true))
                .isInstanceOf(AnnotationException.class)
                .hasMessageContainingAll("data set nocaps, split val", "none of the records", "4 are faulty");
    }

    @ParameterizedTest
    @CsvSource({
        "vg_caption, vg/images/VG_100K_2/2315357.jpg, 8",
        "sbu_caption, sbu_captions/images/4385058968_b0f291553e.jpg, 8",
        "conceptual_caption_3m, conceptual_caption/images/8_3239086386.jpg, 8",
        "conceptual_caption_12m, conceptual_caption/images_12m/8_3239086386.jpg, 8"
    })
    void pairsAreLearned(String builder, String image, int index) {
        VgCaptionFixture.write(root);
        SbuFixture.write(root);
        ConceptualFixture.write(root);
        var source = open(builder, "train", true);

        assertThat(source.dataset().size()).isEqualTo(12);
        var sample = source.dataset().sample(index, source.textProcessor());
        assertThat(sample.image()).isEqualTo(root.resolve(image)).exists();
        assertThat(sample.texts().textInput()).endsWith("text 0 says that a square is drawn on image 8");
        assertThat(sample.texts().imageId()).isEqualTo(SampleTexts.NO_IMAGE_ID);
    }

    private AnnotationException refused(String builder, String split, String content) throws IOException {
        CocoFixture.write(root);
        NocapsFixture.write(root);
        var file = builder.equals("nocaps") ? "nocaps/annotations/nocaps_" : "coco/annotations/coco_karpathy_";
        Files.writeString(root.resolve(file + split + ".json"), content);
        var thrown = new AnnotationException[1];
        assertThatThrownBy(() -> open(builder, split, false))
                .isInstanceOfSatisfying(AnnotationException.class, e -> thrown[0] = e);
        return thrown[0];
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "coco_caption | {\"image\": \"val2014/COCO_val2014_000000000007.jpg\"} | (image val2014/COCO_val2014_000000000007.jpg): caption is missing",
                "coco_caption | {\"image\": \"COCO_7.jpg\", \"caption\": [\"a\", \" \"]} | caption[1] is \" \", expected a text that is not blank",
                "coco_caption | {\"image\": \"COCO_7.jpg\", \"caption\": []} | caption is [], expected a list of one or more texts",
                "coco_caption | {\"image\": \"dog.jpg\", \"caption\": \"a\"} | image is \"dog.jpg\", expected a file whose name is a number",
                "coco_caption | {\"image\": \"../7.jpg\", \"caption\": \"a\"} | image is \"../7.jpg\", expected a path without empty parts",
                "coco_caption | {\"image\": \"%2e%2e/7.jpg\", \"caption\": \"a\"} | image is \"%2e%2e/7.jpg\", expected a path without empty parts",
                "coco_caption | {\"image\": \"/etc/7.jpg\", \"caption\": \"a\"} | image is \"/etc/7.jpg\", expected a path relative to a folder of images",
                "coco_caption | {\"caption\": \"a\"} | record 0: image is missing",
                "nocaps | {\"image\": \"val/a.jpg\"} | (image val/a.jpg): img_id is missing"
            })
    void aFaultyRecordIsNamedWithItsKeyAndValue(String builder, String record, String expected) throws IOException {
        assertThat(refused(builder, "val", "[" + record + "]"))
                .hasMessageContainingAll(
                        "1 of the 1 records of " + root, "_val.json", expected, "Correct these records");
    }

    @Test
    void imagesOfOneIdAreRefused() throws IOException {
        String records = "[{\"image\": \"val/a.jpg\", \"img_id\": 3}, {\"image\": \"val/b.jpg\", \"img_id\": 3}]";
        assertThat(refused("nocaps", "val", records))
                .hasMessageContainingAll("nocaps_val.json", "val/a.jpg", "val/b.jpg", "the id 3", "one of its own");
    }

    @Test
    void faultyRecordsAreLeftOutInTrainingAndToldOf() throws IOException {
        CocoFixture.write(root);
        Files.writeString(
                root.resolve("coco/annotations/coco_karpathy_train.json"),
                "[{\"image\": \"a.jpg\", \"caption\": \"it\"}, {\"image\": \"b.jpg\"}]");
        var dataset = open("coco_caption", "train", true).dataset();
        assertThat(dataset.size()).isEqualTo(1);
        assertThat(dataset.leftOut()).containsExactly("record 1 (image b.jpg): caption is missing, expected a value");
    }

    @Test
    void anotherFileThanThePublishedOneIsToldByItsChecksum() {
        CocoFixture.write(root);
        assertThatThrownBy(() -> Opened.split(
                        "coco_caption",
                        root,
                        Opened.options("coco_caption", root, 84).stream()
                                .filter(option -> !option.contains("md5"))
                                .toList(),
                        "train",
                        true))
                .isInstanceOf(AnnotationException.class)
                .hasMessageContainingAll(
                        "coco_karpathy_train.json has MD5", "expected aa31ac474cf6250ebb81d18348a07ed8");
    }
}
