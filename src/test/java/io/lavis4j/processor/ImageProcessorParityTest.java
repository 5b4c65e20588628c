package io.lavis4j.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.config.Section;
import io.lavis4j.golden.Golden;
import io.lavis4j.image.Box;
import io.lavis4j.image.BrokenImageException;
import io.lavis4j.image.RgbImage;
import io.lavis4j.processor.Augmentation.Operation;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Images decoded, resized, cropped, augmented and normalised by Pillow, torchvision and OpenCV. Bit for bit. */
class ImageProcessorParityTest {

    private static final String KIND = "g_image_processing";
    private static final String NORMALISED = "normalised_float32.safetensors";
    private static final String CROPS = "train_crops_uint8.safetensors";
    private static final String AUGMENTED = "randaugment_ops_uint8_HWC.safetensors";

    private static PlannedProcessor processor(Map<String, Object> arguments) {
        var section = Section.root(arguments);
        var processor = ImageProcessors.read(section);
        section.requireValid();
        return (PlannedProcessor) Objects.requireNonNull(processor);
    }

    private static PlannedProcessor eval(int size) {
        return processor(Map.of("name", "blip_image_eval", "image_size", size));
    }

    @TestFactory
    Stream<DynamicTest> filesAreDecodedAsByPillow() {
        return Golden.tests(KIND, tests -> {
            var folder = tests.golden().folder();
            for (JsonNode image : tests.golden().json("expected.json").path("images")) {
                String file = image.get("file").asText();
                if (!image.path("decoded_rgb").isTextual()) {
                    continue;
                }
                String expected = image.get("decoded_rgb").asText();
                for (var path : ImagePath.values()) {
                    if (path == ImagePath.NATIVE
                            && ImagePath.JAVA_ALONE.matcher(file).matches()) {
                        continue;
                    }
                    tests.addWith(List.of(file, expected), file + ", " + path, () -> {
                        if (path == ImagePath.JAVA && file.endsWith(".webp")) { // the JDK has no decoder
                            assertThatThrownBy(() -> path.decoded(folder.resolve(file)))
                                    .isInstanceOf(BrokenImageException.class)
                                    .hasMessageContaining("only the native image library reads");
                            return;
                        }
                        var decoded = path.decoded(folder.resolve(file));
                        ReferenceImages.assertSame(decoded, ReferenceImages.png(folder.resolve(expected)));
                        assertThat(decoded.width())
                                .isEqualTo(image.get("size_wh").get(0).asInt());
                        assertThat(decoded.height())
                                .isEqualTo(image.get("size_wh").get(1).asInt());
                    });
                }
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> imagesAreResizedAsByPillow() {
        return Golden.tests(KIND, tests -> {
            for (JsonNode image : tests.golden().json("expected.json").path("images")) {
                String file = image.get("file").asText();
                for (JsonNode size : image.path("sizes")) {
                    for (var path : ImagePath.values()) {
                        addResized(tests, file, size, path);
                    }
                }
            }
        });
    }

    private static void addResized(Golden.Tests tests, String file, JsonNode size, ImagePath path) {
        var folder = tests.golden().folder();
        String expected = size.get("resized_rgb").asText();
        int S = size.get("size").asInt();
        tests.addWith(List.of(file, expected), "%s to %d, %s".formatted(file, S, path), () -> {
            int[] widthAndHeight = path.size(folder.resolve(file));
            var plan = eval(S).plan(widthAndHeight[0], widthAndHeight[1], new NoSampleRandom());
            ReferenceImages.assertSame(
                    path.pixels(folder.resolve(file), ImagePath.NO_REGIONS, plan),
                    ReferenceImages.png(folder.resolve(expected)));
        });
        if (size.has("mean_of_normalised")) {
            tests.addWith(
                    List.of(file),
                    "%s normalised at %d, %s".formatted(file, S, path),
                    () -> checkMoments(loaded(folder.resolve(file), eval(S), path), size));
        }
    }

    private static float[] loaded(Path file, ImageProcessor processor, ImagePath path) {
        var numbers = FloatBuffer.allocate(3 * processor.imageSize() * processor.imageSize());
        path.pipeline().load(file, ImagePath.NO_REGIONS, processor, new NoSampleRandom(), numbers);
        return numbers.array();
    }

    private static void checkMoments(float[] values, JsonNode expected) {
        double mean = 0;
        for (double value : values) {
            mean += value / values.length;
        }
        double squares = 0;
        for (double value : values) {
            squares += (value - mean) * (value - mean);
        }
        assertThat(mean).isCloseTo(expected.get("mean_of_normalised").asDouble(), within(1e-5));
        assertThat(Math.sqrt(squares / (values.length - 1)))
                .isCloseTo(expected.get("std_of_normalised").asDouble(), within(1e-5));
    }

    @TestFactory
    Stream<DynamicTest> evaluationPixelsAreThoseOfLavis() {
        return Golden.tests(KIND, tests -> {
            if (!tests.golden().isPlain() && !tests.golden().has(NORMALISED)) {
                return;
            }
            var normalise = tests.golden().json("expected.json").path("normalise");
            tests.golden().tensors(NORMALISED).keySet().forEach(key -> {
                int slash = key.lastIndexOf('/');
                for (var path : ImagePath.values()) {
                    tests.add("processor output %s, %s".formatted(key, path), () -> {
                        var expected = Golden.get(tests.golden().tensors(NORMALISED), key);
                        int S = Integer.parseInt(key.substring(slash + 1));
                        var processor = processor(Map.of(
                                "name",
                                "blip_image_eval",
                                "image_size",
                                S,
                                "mean",
                                numbers(normalise.get("mean")),
                                "std",
                                numbers(normalise.get("std"))));
                        var file = tests.golden().folder().resolve(key.substring(0, slash));
                        assertThat(Tensors.shape(expected)).isEqualTo("(3, %d, %d)".formatted(S, S));
                        assertThat(loaded(file, processor, path)).isEqualTo(Tensors.floats(expected));
                    });
                }
            });
        });
    }

    private static List<Double> numbers(JsonNode list) {
        var numbers = new ArrayList<Double>();
        list.forEach(number -> numbers.add(number.asDouble()));
        return numbers;
    }

    @TestFactory
    Stream<DynamicTest> trainingCropsAreThoseOfTorchvision() {
        return Golden.tests(KIND, tests -> {
            for (JsonNode crop : tests.golden().json("expected.json").path("train_crops")) {
                String key = crop.get("key").asText();
                for (var path : ImagePath.values()) {
                    tests.addWithTensor(CROPS, key, "crop %s, %s".formatted(key, path), () -> {
                        var expected = Golden.get(tests.golden().tensors(CROPS), key);
                        checkCrop(tests.golden().folder(), crop, expected, path);
                    });
                }
            }
        });
    }

    private static void checkCrop(Path folder, JsonNode crop, Tensor expected, ImagePath path) {
        var file = folder.resolve(crop.get("file").asText());
        int[] size = path.size(file);
        assertThat(numbers(crop.get("ratio"))).containsExactly(3.0 / 4, 4.0 / 3);
        var processor = processor(Map.of(
                "name",
                "blip2_image_train",
                "image_size",
                (int) expected.size(1),
                "min_scale",
                crop.get("scale").get(0).asDouble(),
                "max_scale",
                crop.get("scale").get(1).asDouble()));

        RandomState.seed(crop.get("seed").asLong());
        var plan = processor.plan(size[0], size[1], new TorchSampleRandom());

        var box = crop.get("crop_top_left_height_width");
        assertThat(plan.crop())
                .isEqualTo(new Box(
                        box.get(1).asInt(),
                        box.get(0).asInt(),
                        box.get(3).asInt(),
                        box.get(2).asInt()));
        assertThat(plan.flip()).isEqualTo(crop.get("hflip").asBoolean());
        ReferenceImages.assertSame(path.pixels(file, ImagePath.NO_REGIONS, plan), image(expected.permute(1, 2, 0)));
    }

    @TestFactory
    Stream<DynamicTest> augmentationsAreThoseOfLavis(@TempDir Path temporary) {
        return Golden.tests(KIND, tests -> {
            var arguments = tests.golden().json("expected.json").path("randaugment_ops_args");
            for (var entry : arguments.properties()) {
                String key = entry.getKey();
                for (var path : ImagePath.values()) {
                    tests.addWithTensor(AUGMENTED, key, "RandAugment %s, %s".formatted(key, path), () -> {
                        var images = tests.golden().tensors(AUGMENTED);
                        var file = ReferenceImages.write(
                                image(Golden.get(images, "input")), temporary.resolve(key + path + ".png"));
                        var augmentations = List.of(augmentation(key, entry.getValue()));
                        ReferenceImages.assertSame(
                                path.pixels(file, ImagePath.NO_REGIONS, augmentations), image(Golden.get(images, key)));
                    });
                }
            }
        });
    }

    /** @param arguments what LAVIS's function gets after the image */
    private static Augmentation augmentation(String key, JsonNode arguments) {
        String name = key.substring(0, key.lastIndexOf('_'));
        var operation =
                Operation.valueOf(name.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toUpperCase(Locale.ROOT));
        if (arguments.size() == 2) {
            assertThat(numbers(arguments.get(1))).as("fill").containsExactly(128.0, 128.0, 128.0);
            return new Augmentation(operation, arguments.get(0).asDouble());
        }
        if (!arguments.isEmpty()) {
            assertThat(numbers(arguments)).as("factor of " + key).containsExactly(1.0);
        }
        return new Augmentation(operation, 0);
    }

    /** @param tensor (height, width, 3), uint8 */
    private static RgbImage image(Tensor tensor) {
        long[] levels = Tensors.longs(tensor);
        byte[] pixels = new byte[levels.length];
        for (int i = 0; i < levels.length; i++) {
            pixels[i] = (byte) levels[i];
        }
        return new RgbImage((int) tensor.size(1), (int) tensor.size(0), pixels);
    }
}
