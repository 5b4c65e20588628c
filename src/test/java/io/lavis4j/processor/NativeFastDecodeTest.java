package io.lavis4j.processor;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.config.Section;
import io.lavis4j.image.Box;
import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Images decoded at a smaller size, against those decoded exactly. */
class NativeFastDecodeTest {

    private static final Path SHERLOCK = Path.of("src/test/resources/sherlock_mini");
    private static final byte[] PHOTOGRAPH = NativeTestJpegs.photograph(new Random(3), 1920, 1080);
    private static final ImagePipeline NATIVE = ImagePipelines.best();

    @BeforeAll
    static void theLibraryIsThere() {
        assertThat(NATIVE).isInstanceOf(NativeImagePipeline.class);
    }

    private static PlannedProcessor processor(String name, int size, boolean fast) {
        var section = Section.root(Map.of("name", name, "image_size", size, "fast_decode", fast));
        var processor = ImageProcessors.read(section);
        section.requireValid();
        return (PlannedProcessor) Objects.requireNonNull(processor);
    }

    /** In levels of 255. */
    private record Difference(double mean, int largest) {

        /** @param regions whether two are highlighted */
        static Difference of(byte[] file, PlannedProcessor processor, boolean regions, long seed) {
            var input = new NativeImage(
                    "image", ByteBuffer.allocateDirect(file.length).put(file).flip());
            int[] size = input.size();
            int w = size[0];
            int h = size[1];
            var plan = processor.plan(w, h, SeededSampleRandom.of(seed, 0, 0));
            var boxes = List.of(new Box(w / 6, h / 5, w / 4, h / 3), new Box(w / 2, h / 2, w / 6, h / 4));
            var drawn = new Regions(boxes, 0, 0, regions ? RegionMode.HIGHLIGHT : RegionMode.NONE);
            byte[] exact = input.pixels(new PackedPlan(drawn, plan, false)).pixels();
            byte[] fast = input.pixels(new PackedPlan(drawn, plan, true)).pixels();
            long sum = 0;
            int largest = 0;
            for (int i = 0; i < exact.length; i++) {
                int difference = Math.abs((exact[i] & 0xff) - (fast[i] & 0xff));
                sum += difference;
                largest = Math.max(largest, difference);
            }
            return new Difference((double) sum / exact.length, largest);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "blip2_image_train, 364, false, 1.0",
        "blip2_image_train, 364, true, 1.1",
        "blip_image_eval, 224, false, 1.6",
        "blip_image_eval, 224, true, 1.8",
        "clip_image_eval, 100, true, 2.0"
    })
    void photographsDifferByAboutALevel(String name, int size, boolean regions, double bound) {
        for (long seed = 0; seed < 3; seed++) {
            var difference = Difference.of(PHOTOGRAPH, processor(name, size, true), regions, seed);
            assertThat(difference.mean()).as("seed %d, %s", seed, difference).isBetween(0.01, bound);
            assertThat(difference.largest()).as("seed %d, %s", seed, difference).isLessThan(64);
        }
    }

    @ParameterizedTest
    @CsvSource({"blip2_image_train, 96", "blip_image_eval, 112", "blip_image_eval, 60", "clip_image_eval, 48"})
    void imagesOfSherlockDifferByAboutALevel(String name, int size) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(SHERLOCK)) {
            files = all.filter(file ->
                            file.toString().endsWith(".jpg") && !file.toString().contains("broken"))
                    .sorted()
                    .toList();
        }
        assertThat(files).hasSizeGreaterThan(20);
        double mean = 0;
        for (Path file : files) {
            for (boolean regions : new boolean[] {false, true}) {
                var difference = Difference.of(Files.readAllBytes(file), processor(name, size, true), regions, 1);
                assertThat(difference.mean()).as("%s, %s", file, difference).isLessThan(5);
                mean += difference.mean() / (2 * files.size());
            }
        }
        assertThat(mean).isBetween(0.001, 1.0);
    }

    @Test
    void onlyAProcessorThatAsksForItDecodesFast(@TempDir Path folder) throws IOException {
        var large = Files.write(folder.resolve("large.jpg"), NativeTestJpegs.photograph(new Random(5), 400, 300));
        var regions = new Regions(List.of(new Box(40, 50, 100, 90)), 0, 0, RegionMode.HIGHLIGHT);
        for (int size : new int[] {32, 200}) {
            float[] exact = load(NATIVE, large, regions, processor("blip_image_eval", size, false));
            float[] fast = load(NATIVE, large, regions, processor("blip_image_eval", size, true));
            assertThat(fast.length).isEqualTo(exact.length);
            if (size == 32) {
                assertThat(fast).isNotEqualTo(exact);
            } else {
                assertThat(fast).as("300 pixels are not twice 200").isEqualTo(exact);
            }
            assertThat(load(new JavaImagePipeline(), large, regions, processor("blip_image_eval", size, true)))
                    .as("in plain Java")
                    .isEqualTo(exact);
        }
    }

    private static float[] load(ImagePipeline pipeline, Path file, Regions regions, ImageProcessor processor) {
        var numbers = FloatBuffer.allocate(3 * processor.imageSize() * processor.imageSize());
        pipeline.load(file, regions, processor, new NoSampleRandom(), numbers);
        return numbers.array();
    }
}
