package io.lavis4j.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.lavis4j.config.Section;
import io.lavis4j.image.Box;
import io.lavis4j.image.BrokenImageException;
import io.lavis4j.image.ImageDecoder;
import io.lavis4j.image.RegionHighlight;
import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import io.lavis4j.image.RgbImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Native images equal those of plain Java, bit for bit. */
class NativeImagePipelineTest {

    private static final Path IMAGES = Path.of("src/test/resources/images");
    private static final Path GOLDEN = Path.of("src/test/resources/golden");
    private static final Regions NO_REGIONS = new Regions(List.of(), 0, 0, RegionMode.NONE);
    private static final float UNTOUCHED = 1234.5f;

    private static final ImagePipeline TWIN = new JavaImagePipeline();
    private static final ImagePipeline NATIVE = ImagePipelines.best();

    @BeforeAll
    static void theLibraryIsThere() {
        assertThat(NATIVE).isInstanceOf(NativeImagePipeline.class);
    }

    static Stream<Path> files() throws IOException {
        var files = new ArrayList<Path>();
        for (Path folder : List.of(
                IMAGES,
                GOLDEN.resolve("g_image_processing"),
                GOLDEN.resolve("g_image_processing@kinds"),
                Path.of("src/test/resources/sherlock_mini/golden_highlight"))) {
            try (var list = Files.list(folder)) {
                list.filter(file -> file.toString().matches(".*\\.(jpg|png)")
                                && !file.toString().contains(".ref."))
                        .sorted()
                        .forEach(files::add);
            }
        }
        return files.stream();
    }

    private static List<PlannedProcessor> processors(int size) {
        return Stream.of(
                        "blip_image_train",
                        "blip2_image_train",
                        "clip_image_train",
                        "blip_image_eval",
                        "clip_image_eval")
                .map(name -> {
                    var section = Section.root(Map.<String, Object>of("name", name, "image_size", size));
                    var processor = ImageProcessors.read(section);
                    section.requireValid();
                    return (PlannedProcessor) Objects.requireNonNull(processor);
                })
                .toList();
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyProcessorGivesTheNumbersOfTheTwin(Path file) {
        var boxes = List.of(new Box(4, 6, 20, 30), new Box(-5, 12, 30, 7), new Box(15, 10, 4000, 1));
        for (var processor : processors(24)) {
            for (RegionMode mode : RegionMode.values()) {
                assertSame(file, new Regions(boxes, 0, 0, mode), processor, 5);
            }
        }
        for (var processor : processors(224)) {
            assertSame(file, new Regions(boxes, 0, 0, RegionMode.HIGHLIGHT), processor, 9);
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void theContentOfAFileGivesTheNumbersOfTheFile(Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        var processor = processors(24).get(1);
        for (var pipeline : List.of(TWIN, NATIVE)) {
            var expected = direct(3 * 24 * 24 + 2);
            var actual = direct(3 * 24 * 24 + 2);
            var expectedError = catchThrowable(() -> load(pipeline, file, NO_REGIONS, processor, 1, expected));
            var actualError = catchThrowable(() -> {
                actual.put(0, UNTOUCHED).put(actual.capacity() - 1, UNTOUCHED).position(1);
                var place = PixelBuffer.of(actual);
                pipeline.load(content, file.toString(), NO_REGIONS, processor, SeededSampleRandom.of(1, 2, 3), place);
            });
            assertThat(actualError == null ? "" : actualError.getMessage())
                    .isEqualTo(expectedError == null ? "" : expectedError.getMessage());
            if (expectedError == null) {
                assertThat(numbers(actual)).isEqualTo(numbers(expected));
            }
        }
    }

    static Stream<Path> filesOfOtherFormats() throws IOException {
        try (var list = Files.list(GOLDEN.resolve("g_image_processing@formats"))) {
            return list
                    .filter(file ->
                            ImagePath.JAVA_ALONE.matcher(file.toString()).matches())
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("filesOfOtherFormats")
    void formatsThatNativeCodeDoesNotKnowGiveTheNumbersOfTheTwin(Path file) throws IOException {
        var boxes = new Regions(List.of(new Box(2, 3, 9, 5)), 0, 0, RegionMode.HIGHLIGHT);
        for (var processor : processors(16)) {
            assertSame(file, boxes, processor, 3);
        }
        theContentOfAFileGivesTheNumbersOfTheFile(file);
    }

    @Test
    void aBatchMixesFormats() {
        var processor = ImageProcessors.blipImageEval(8);
        var files = Stream.of("gif_plain.gif", "bmp_rgb_24_40.bmp", "tiff_rgb_5.tiff")
                .map(GOLDEN.resolve("g_image_processing@formats")::resolve)
                .toList();
        var batch = direct(4 * 3 * 64);
        var expected = FloatBuffer.allocate(4 * 3 * 64);
        for (var file : List.of(files.get(0), IMAGES.resolve("cmyk.jpg"), files.get(1), files.get(2))) {
            NATIVE.load(file, NO_REGIONS, processor, new NoSampleRandom(), batch);
            TWIN.load(file, NO_REGIONS, processor, new NoSampleRandom(), expected);
        }
        assertThat(numbers(batch)).isEqualTo(expected.array());
    }

    private static void assertSame(Path file, Regions regions, ImageProcessor processor, long seed) {
        int length = 3 * processor.imageSize() * processor.imageSize();
        var expected = direct(length + 2);
        var actual = direct(length + 2);
        var expectedError = catchThrowable(() -> load(TWIN, file, regions, processor, seed, expected));
        var actualError = catchThrowable(() -> load(NATIVE, file, regions, processor, seed, actual));

        String what = "%s, %s, %s, seed %d".formatted(file, regions, processor, seed);
        if (expectedError != null) {
            assertThat(actualError)
                    .as(what)
                    .isExactlyInstanceOf(expectedError.getClass())
                    .hasMessageStartingWith(file + ": ");
            assertThat(actual.position()).as(what).isEqualTo(1);
            return;
        }
        assertThat(actualError).as(what).isNull();
        assertThat(actual.position()).as(what).isEqualTo(length + 1);
        assertThat(numbers(actual)).as(what).isEqualTo(numbers(expected));
    }

    /** Between two numbers that must stay. */
    private static void load(
            ImagePipeline pipeline,
            Path file,
            Regions regions,
            ImageProcessor processor,
            long seed,
            FloatBuffer numbers) {
        numbers.put(0, UNTOUCHED).put(numbers.capacity() - 1, UNTOUCHED).position(1);
        pipeline.load(file, regions, processor, SeededSampleRandom.of(seed, 2, 3), numbers);
    }

    private static FloatBuffer direct(int length) {
        return ByteBuffer.allocateDirect(Float.BYTES * length)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    private static float[] numbers(FloatBuffer buffer) {
        float[] numbers = new float[buffer.capacity()];
        buffer.get(0, numbers);
        return numbers;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void randomCropsOfRandomFilesAreThoseOfTheTwin(long seed) {
        var random = new Random(seed);
        for (int i = 0; i < 80; i++) {
            byte[] file = NativeTestJpegs.random(random, i % 10 == 0 ? 400 : 120);
            var image = ImageDecoder.decode(file, "random");
            var input = new NativeImage("random", content(file, file.length));
            assertThat(input.size()).containsExactly(image.width(), image.height());
            for (int j = 0; j < 8; j++) {
                var plan = plan(random, image.width(), image.height());
                var regions = regions(random, image.width(), image.height());
                var expected = plan.apply(RegionHighlight.draw(image, regions));
                var actual = input.pixels(new PackedPlan(regions, plan, false));
                assertThat(Arrays.equals(actual.pixels(), expected.pixels()))
                        .as("seed %d, file %d: %d x %d, %s, %s", seed, i, image.width(), image.height(), plan, regions)
                        .isTrue();
            }
        }
    }

    private static ImagePlan plan(Random random, int width, int height) {
        var crop = part(random, width, height);
        int resizedWidth = 1 + random.nextInt(60);
        int resizedHeight = 1 + random.nextInt(60);
        var window = part(random, resizedWidth, resizedHeight);
        return new ImagePlan(crop, resizedWidth, resizedHeight, window, random.nextBoolean(), List.of());
    }

    /** Often at an edge. */
    private static Box part(Random random, int width, int height) {
        int w = random.nextInt(4) == 0 ? width : 1 + random.nextInt(width);
        int h = random.nextInt(4) == 0 ? height : 1 + random.nextInt(height);
        int left = random.nextInt(3) == 0 ? width - w : random.nextInt(width - w + 1);
        int top = random.nextInt(3) == 0 ? height - h : random.nextInt(height - h + 1);
        return new Box(left, top, w, h);
    }

    private static Regions regions(Random random, int width, int height) {
        var boxes = new ArrayList<Box>();
        for (int i = random.nextInt(4); i > 0; i--) {
            boxes.add(new Box(
                    random.nextInt(width + 20) - 10,
                    random.nextInt(height + 20) - 10,
                    random.nextInt(width + 10) - 5,
                    random.nextInt(height + 10) - 5));
        }
        int scale = random.nextInt(3);
        var mode = List.of(RegionMode.values()).get(random.nextInt(4));
        return new Regions(boxes, scale * width, scale * height, mode);
    }

    private static ByteBuffer content(byte[] file, int length) {
        return ByteBuffer.allocateDirect(file.length + 1).put(file, 0, length).flip();
    }

    @ParameterizedTest
    @ValueSource(strings = {"cmyk.jpg", "png_named.jpg", "damaged_scan.jpg"})
    void aFileIsCutOffWhereTheTwinSaysSo(String name) throws IOException {
        byte[] file = Files.readAllBytes(IMAGES.resolve(name));
        var random = new Random(7);
        int step = Math.max(1, file.length / 150);
        for (int length = 0; length <= file.length; length += length > file.length - 2 * step ? 1 : step) {
            assertSameKind(
                    Arrays.copyOf(file, length), random, "%s, %d of %d bytes".formatted(name, length, file.length));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "png_2_8_0.png",
                "png_3_2_1.png",
                "png_6_16_1.png",
                "png_0_1_1.png",
                "png_3_8_0.png",
                "noise_2x90.png"
            })
    void aPngIsCutOffWhereTheTwinSaysSo(String name) throws IOException {
        byte[] file =
                Files.readAllBytes(GOLDEN.resolve("g_image_processing@kinds").resolve(name));
        var random = new Random(8);
        for (int length = Math.max(0, file.length - 400); length <= file.length; length++) {
            assertSameKind(
                    Arrays.copyOf(file, length), random, "%s, %d of %d bytes".formatted(name, length, file.length));
        }
    }

    private static void assertSameKind(byte[] file, Random random, String what) {
        RgbImage image = null;
        try {
            image = ImageDecoder.decode(file, "part");
        } catch (BrokenImageException e) {
            // asserted below
        }
        var input = new NativeImage("part", content(file, file.length));
        if (image == null) {
            assertThatThrownBy(() -> {
                        int[] size = input.size();
                        input.pixels(new PackedPlan(NO_REGIONS, plan(random, size[0], size[1]), false));
                    })
                    .as(what)
                    .isExactlyInstanceOf(BrokenImageException.class)
                    .hasMessageStartingWith("part: ");
            return;
        }
        var plan = plan(random, image.width(), image.height());
        assertThat(Arrays.equals(
                        input.pixels(new PackedPlan(NO_REGIONS, plan, false)).pixels(),
                        plan.apply(image).pixels()))
                .as(what)
                .isTrue();
    }

    @Test
    void aBrokenFileIsDescribedAsByTheTwin() {
        for (String name :
                List.of("cut_off.jpg", "empty.jpg", "text.jpg", "claims_65000x65000.jpg", "no_such_file.jpg", "")) {
            var file = IMAGES.resolve(name);
            var processor = ImageProcessors.blipImageEval(8);
            var expected = catchThrowable(() -> load(TWIN, file, NO_REGIONS, processor, 0, direct(194)));
            assertThatThrownBy(() -> load(NATIVE, file, NO_REGIONS, processor, 0, direct(194)))
                    .isExactlyInstanceOf(BrokenImageException.class)
                    .hasMessage(expected.getMessage());
        }
    }

    @Test
    void heapAndByteSwappedBuffersAreFilledToo() {
        var file = IMAGES.resolve("cmyk.jpg");
        var processor = ImageProcessors.blipImageEval(8);
        var expected = direct(194);
        load(TWIN, file, NO_REGIONS, processor, 0, expected);
        var swapped = ByteBuffer.allocateDirect(4 * 194).order(ByteOrder.BIG_ENDIAN);
        for (var buffer : List.of(FloatBuffer.allocate(194), swapped.asFloatBuffer())) {
            load(NATIVE, file, NO_REGIONS, processor, 0, buffer);
            assertThat(buffer.position()).isEqualTo(193);
            assertThat(numbers(buffer)).isEqualTo(numbers(expected));
        }
        assertThatThrownBy(() -> load(NATIVE, file, NO_REGIONS, processor, 0, direct(100)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected room for 192 numbers (3 x 8 x 8), got 99");
    }

    @Test
    void severalThreadsDoNotDisturbOneAnother(@TempDir Path folder) throws Exception {
        var files = new ArrayList<Path>();
        for (int i = 0; i < 8; i++) {
            byte[] jpeg = NativeTestJpegs.random(new Random(i), 300);
            files.add(Files.write(folder.resolve(i + ".jpg"), jpeg));
        }
        var processor = processors(32).get(1);
        var threads = Executors.newFixedThreadPool(4);
        try {
            var results = new ArrayList<Future<float[]>>();
            for (int i = 0; i < 200; i++) {
                int index = i;
                results.add(threads.submit(() -> {
                    var out = direct(3 * 32 * 32);
                    NATIVE.load(files.get(index % 8), NO_REGIONS, processor, SeededSampleRandom.of(index, 0, 0), out);
                    return numbers(out);
                }));
            }
            for (int i = 0; i < 200; i++) {
                var expected = FloatBuffer.allocate(3 * 32 * 32);
                TWIN.load(files.get(i % 8), NO_REGIONS, processor, SeededSampleRandom.of(i, 0, 0), expected);
                assertThat(results.get(i).get()).as("image %d", i).isEqualTo(expected.array());
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
