package io.lavis4j.dataset.sherlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.dataset.DataLoader;
import io.lavis4j.dataset.LoaderConfig;
import io.lavis4j.dataset.OnBroken;
import io.lavis4j.dataset.SampleSource;
import io.lavis4j.dataset.TestText;
import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.image.BrokenImageException;
import io.lavis4j.image.RegionMode;
import io.lavis4j.processor.ImageProcessors;
import io.lavis4j.processor.JavaImagePipeline;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/** Every faulty file of the mini corpus ends as its manifest says, in training and in evaluation. */
@ExtendWith(LibtorchFirst.class)
class BrokenSherlockTest {

    private static final Path BROKEN = SherlockMini.ROOT.resolve("broken");
    private static final int SIZE = 24;

    /** The end of a file. */
    private enum End {
        /** It cannot be read at all. */
        FILE_REFUSED,
        /** Its bad records are left out in training and named in evaluation. */
        RECORDS_LEFT_OUT,
        /** All records are used, images included. */
        ACCEPTED,
        /** The bad records share a name: an error in evaluation only. */
        SHARED_NAME,
        /** The images of bad records are replaced in training and named in evaluation. */
        IMAGE_REFUSED
    }

    private static final Map<String, End> ENDS = Map.ofEntries(
            Map.entry("truncated.json", End.FILE_REFUSED),
            Map.entry("empty_file.json", End.FILE_REFUSED),
            Map.entry("empty_list.json", End.FILE_REFUSED),
            Map.entry("not_a_list.json", End.FILE_REFUSED),
            Map.entry("trailing_garbage.json", End.FILE_REFUSED),
            Map.entry("invalid_utf8.json", End.FILE_REFUSED),
            Map.entry("bom.json", End.ACCEPTED),
            Map.entry("nan.json", End.ACCEPTED),
            Map.entry("null_and_float.json", End.ACCEPTED),
            Map.entry("bbox_outside.json", End.ACCEPTED),
            Map.entry("dims_mismatch.json", End.ACCEPTED),
            Map.entry("huge_text.json", End.ACCEPTED),
            Map.entry("empty_inference.json", End.RECORDS_LEFT_OUT),
            Map.entry("bbox_negative_or_none.json", End.RECORDS_LEFT_OUT),
            Map.entry("wrong_types.json", End.RECORDS_LEFT_OUT),
            Map.entry("missing_keys.json", End.RECORDS_LEFT_OUT),
            Map.entry("bad_url.json", End.RECORDS_LEFT_OUT),
            Map.entry("non_object_records.json", End.RECORDS_LEFT_OUT),
            Map.entry("duplicate_instance_id.json", End.SHARED_NAME),
            Map.entry("missing_image.json", End.IMAGE_REFUSED),
            Map.entry("image_1000001.json", End.IMAGE_REFUSED),
            Map.entry("image_1000002.json", End.IMAGE_REFUSED),
            Map.entry("image_1000003.json", End.IMAGE_REFUSED),
            Map.entry("image_1000004.json", End.ACCEPTED), // damaged pixels, as in Pillow
            Map.entry("image_1000005.json", End.ACCEPTED),
            Map.entry("image_1000006.json", End.ACCEPTED), // CMYK is converted, as in Pillow
            Map.entry("image_1000007.json", End.IMAGE_REFUSED));

    @TestFactory
    Stream<DynamicTest> everyFaultEndsAsTheManifestSays() throws IOException {
        var manifest =
                new ObjectMapper().readTree(BROKEN.resolve("manifest.json").toFile());
        assertThat(manifest).hasSize(ENDS.size());
        return StreamSupport.stream(manifest.spliterator(), false)
                .map(entry -> DynamicTest.dynamicTest(
                        entry.path("file").asText() + ": "
                                + entry.path("problem").asText(),
                        () -> check(entry)));
    }

    private static void check(JsonNode entry) {
        var file = BROKEN.resolve(entry.path("file").asText());
        var end = Objects.requireNonNull(ENDS.get(entry.path("file").asText()), "nobody says how " + file + " ends");
        List<Integer> bad = new ArrayList<>();
        entry.path("bad_indices").forEach(index -> bad.add(index.asInt()));
        int count = entry.path("records").asInt(4);
        switch (end) {
            case FILE_REFUSED -> {
                for (var policy : OnBroken.values()) {
                    assertThatThrownBy(() -> SherlockAnnotations.read(file, policy))
                            .isInstanceOf(AnnotationException.class)
                            .hasMessageContaining(file.toString())
                            .hasMessageMatching(
                                    "(?s).*(, line \\d+, column \\d+: |byte 0x\\w+ at offset \\d+ |: the list is empty).*")
                            .hasMessageContaining("expected a JSON list of records");
                }
            }
            case RECORDS_LEFT_OUT -> recordsAreLeftOut(file, bad, count);
            case ACCEPTED -> {
                for (var policy : OnBroken.values()) {
                    assertThat(load(file, policy)).hasSize(count).doesNotHaveDuplicates();
                }
            }
            case SHARED_NAME -> {
                assertThat(load(file, OnBroken.SKIP)).hasSize(count);
                assertThatThrownBy(() -> load(file, OnBroken.FAIL))
                        .isInstanceOf(AnnotationException.class)
                        .hasMessageContaining("record " + bad.get(1) + " (instance_id ")
                        .hasMessageContaining("that of record " + bad.get(0) + " too");
            }
            case IMAGE_REFUSED -> imageIsRefused(file, bad, count);
        }
    }

    private static void recordsAreLeftOut(Path file, List<Integer> bad, int count) {
        var sound = SherlockAnnotations.read(file, OnBroken.SKIP);
        assertThat(sound.records()).hasSize(count - bad.size());
        assertThat(sound.skipped()).isEqualTo(bad.size());
        if (!sound.records().isEmpty()) {
            assertThat(load(file, OnBroken.SKIP)).hasSize(count - bad.size());
        }
        assertThatThrownBy(() -> SherlockAnnotations.read(file, OnBroken.FAIL))
                .isInstanceOf(AnnotationException.class)
                .hasMessageContaining("%d of the %d records of %s".formatted(bad.size(), count, file))
                .satisfies(error -> {
                    var lines = String.valueOf(error.getMessage()).lines().toList();
                    for (int i = 0; i < count; i++) {
                        String name = "record " + i;
                        assertThat(lines.stream()
                                        .filter(line -> line.strip().matches(name + "( \\(|:).*, expected .*")))
                                .as(name)
                                .hasSize(bad.contains(i) ? 1 : 0);
                    }
                });
    }

    private static void imageIsRefused(Path file, List<Integer> bad, int count) {
        var records = SherlockAnnotations.read(file, OnBroken.FAIL).records();
        String badId = records.get(bad.get(0)).instanceId();
        var replaced = load(file, OnBroken.SKIP);
        var sound = records.stream()
                .map(SherlockRecord::instanceId)
                .filter(id -> !id.equals(badId))
                .toList();
        assertThat(replaced).hasSize(count).doesNotContain(badId).containsAll(sound);
        assertThatThrownBy(() -> load(file, OnBroken.FAIL))
                .isInstanceOf(BrokenImageException.class)
                .hasMessageContaining("sample " + bad.get(0) + " of " + file.getFileName())
                .hasMessageContaining("instance_id " + badId)
                .hasMessageContaining(".jpg");
    }

    /** The instance ids of every sample that the loader gives; a second root holds the faulty images. */
    private static List<String> load(Path file, OnBroken policy) {
        var records = SherlockAnnotations.read(file, policy).records();
        var paths = new SherlockPaths(List.of(BROKEN.resolve("images"), SherlockMini.ROOT));
        var dataset = new SherlockDataset(
                file.getFileName().toString(), records, paths, SherlockMapper.INFERENCE, RegionMode.HIGHLIGHT);
        var source = new SampleSource(
                dataset, ImageProcessors.blipImageEval(SIZE), TestText.AS_IT_IS, new JavaImagePipeline());
        var config = new LoaderConfig(3, 2, false, false, 1, policy, 0);
        var loaded = new ArrayList<String>();
        try (var loader = new DataLoader(source, config, Devices.cpu());
                var batches = loader.epoch(0)) {
            while (batches.hasNext()) {
                try (var batch = batches.next()) {
                    float[] pixels = Tensors.floats(batch.image());
                    assertThat(pixels).hasSize(batch.size() * 3 * SIZE * SIZE);
                    for (float pixel : pixels) {
                        assertThat(pixel).isBetween(-2F, 3F);
                    }
                    loaded.addAll(batch.instanceIds());
                }
            }
        }
        return loaded;
    }
}
