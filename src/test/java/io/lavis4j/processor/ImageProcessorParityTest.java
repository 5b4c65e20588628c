package io.lavis4j.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.config.Section;
import io.lavis4j.golden.Golden;
import io.lavis4j.processor.Augmentation.Operation;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
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

/** Pictures decoded, resized, cropped, augmented and normalised by Pillow, torchvision and OpenCV. Bit for bit. */
class ImageProcessorParityTest {

    private static final String KIND = "g_image_processing";
    private static final String NORMALISED = "normalised_float32.safetensors";
    private static final String CROPS = "train_crops_uint8.safetensors";
    private static final String AUGMENTED = "randaugment_ops_uint8_HWC.safetensors";

    private static PlannedProcessor processor(Map<String, Object> arguments) {
        var section = Section.root(arguments);
        var processor = ImageProcessors.read(section);
        section.requireValid();
        return Objects.requireNonNull(processor);
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
                tests.addWith(List.of(file, expected), file, () -> {
                    var picture = Pictures.read(folder.resolve(file));
                    ReferencePictures.assertSame(picture, ReferencePictures.png(folder.resolve(expected)));
                    assertThat(picture.width())
                            .isEqualTo(image.get("size_wh").get(0).asInt());
                    assertThat(picture.height())
                            .isEqualTo(image.get("size_wh").get(1).asInt());
                });
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> picturesAreResizedAsByPillow() {
        return Golden.tests(KIND, tests -> {
            var folder = tests.golden().folder();
            for (JsonNode image : tests.golden().json("expected.json").path("images")) {
                String file = image.get("file").asText();
                for (JsonNode size : image.path("sizes")) {
                    String expected = size.get("resized_rgb").asText();
                    int S = size.get("size").asInt();
                    tests.addWith(List.of(file, expected), file + " to " + S, () -> {
                        var picture = Pictures.read(folder.resolve(file));
                        var plan = eval(S).plan(picture.width(), picture.height(), new NoDraws());
                        ReferencePictures.assertSame(
                                plan.apply(picture), ReferencePictures.png(folder.resolve(expected)));
                    });
                    if (size.has("mean_of_normalised")) {
                        tests.addWith(
                                List.of(file),
                                file + " normalised at " + S,
                                () -> checkMoments(folder.resolve(file), S, size));
                    }
                }
            }
        });
    }

    private static void checkMoments(Path file, int size, JsonNode expected) {
        double[] values = values(Images.tensor(file, eval(size), Devices.cpu()));
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

    private static double[] values(Tensor tensor) {
        float[] floats = Tensors.floats(tensor);
        double[] values = new double[floats.length];
        for (int i = 0; i < floats.length; i++) {
            values[i] = floats[i];
        }
        return values;
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
                tests.add("processor output " + key, () -> {
                    var expected = Golden.get(tests.golden().tensors(NORMALISED), key);
                    var processor = processor(Map.of(
                            "name", "blip_image_eval",
                            "image_size", Integer.parseInt(key.substring(slash + 1)),
                            "mean", numbers(normalise.get("mean")),
                            "std", numbers(normalise.get("std"))));
                    var actual = Images.tensor(
                            tests.golden().folder().resolve(key.substring(0, slash)), processor, Devices.cpu());
                    assertThat(Tensors.shape(actual.get(0))).isEqualTo(Tensors.shape(expected));
                    assertThat(Tensors.floats(actual)).isEqualTo(Tensors.floats(expected));
                });
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
                tests.addWithTensor(CROPS, key, "crop " + key, () -> {
                    var expected = Golden.get(tests.golden().tensors(CROPS), key);
                    checkCrop(tests.golden().folder(), crop, expected);
                });
            }
        });
    }

    private static void checkCrop(Path folder, JsonNode crop, Tensor expected) {
        var picture = Pictures.read(folder.resolve(crop.get("file").asText()));
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
        var plan = processor.plan(picture.width(), picture.height(), new TorchDraws());

        var box = crop.get("crop_top_left_height_width");
        assertThat(plan.crop())
                .isEqualTo(new Box(
                        box.get(1).asInt(),
                        box.get(0).asInt(),
                        box.get(3).asInt(),
                        box.get(2).asInt()));
        assertThat(plan.flip()).isEqualTo(crop.get("hflip").asBoolean());
        ReferencePictures.assertSame(plan.apply(picture), picture(expected.permute(1, 2, 0)));
    }

    @TestFactory
    Stream<DynamicTest> augmentationsAreThoseOfLavis() {
        return Golden.tests(KIND, tests -> {
            var arguments = tests.golden().json("expected.json").path("randaugment_ops_args");
            for (var entry : arguments.properties()) {
                String key = entry.getKey();
                tests.addWithTensor(AUGMENTED, key, "RandAugment " + key, () -> {
                    var pictures = tests.golden().tensors(AUGMENTED);
                    var input = picture(Golden.get(pictures, "input"));
                    var augmentation = augmentation(key, entry.getValue());
                    var actual = new RgbImage(
                            input.width(),
                            input.height(),
                            augmentation.apply(input.pixels(), input.width(), input.height()));
                    ReferencePictures.assertSame(actual, picture(Golden.get(pictures, key)));
                });
            }
        });
    }

    /** @param arguments what LAVIS's function gets behind the picture */
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
    private static RgbImage picture(Tensor tensor) {
        long[] levels = Tensors.longs(tensor);
        byte[] pixels = new byte[levels.length];
        for (int i = 0; i < levels.length; i++) {
            pixels[i] = (byte) levels[i];
        }
        return new RgbImage((int) tensor.size(1), (int) tensor.size(0), pixels);
    }
}
