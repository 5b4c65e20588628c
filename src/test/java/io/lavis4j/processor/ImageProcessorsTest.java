package io.lavis4j.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Section;
import io.lavis4j.image.Box;
import io.lavis4j.processor.Augmentation.Operation;
import java.nio.FloatBuffer;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageProcessorsTest {

    private static PlannedProcessor read(String name, Object... keysAndValues) {
        var values = new HashMap<String, Object>(Map.of("name", name));
        for (int i = 0; i < keysAndValues.length; i += 2) {
            values.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        var section = Section.root(values);
        var processor = ImageProcessors.read(section);
        section.requireValid();
        return (PlannedProcessor) Objects.requireNonNull(processor);
    }

    @ParameterizedTest
    @CsvSource({
        "blip_image_train, 384",
        "blip2_image_train, 364",
        "clip_image_train, 224",
        "blip_image_eval, 384",
        "clip_image_eval, 224"
    })
    void defaultsAreThoseOfLavis(String name, int imageSize) {
        var processor = read(name);
        assertThat(processor.imageSize()).isEqualTo(imageSize);
        assertThat(processor.normalization()).isEqualTo(Normalization.CLIP);
        assertThat(read(name, "image_size", 28, "std", List.of(1, 2, 0.5)).normalization())
                .isEqualTo(new Normalization(Normalization.CLIP.mean(), List.of(1.0, 2.0, 0.5)));
    }

    @Test
    void problemsNameTheKeyAndTheNearest() {
        assertThatThrownBy(() -> read("blip2_image_trian"))
                .isInstanceOf(ConfigException.class)
                .hasMessage(
                        "name is \"blip2_image_trian\", which is unknown; did you mean blip2_image_train? Known are [blip2_image_train, blip_image_eval, blip_image_train, clip_image_eval, clip_image_train]");
        assertThatThrownBy(() -> read("blip_image_eval", "min_scale", 0.5))
                .hasMessageContaining("min_scale is unknown");
        assertThatThrownBy(() -> read("blip2_image_train", "imagesize", 3))
                .hasMessageContaining("did you mean image_size?");
        assertThatThrownBy(() -> read("clip_image_eval", "image_size", 0))
                .hasMessageContaining("[1, 16384] pixels, got 0");
        assertThatThrownBy(() -> read("clip_image_train", "min_scale", 0.9, "max_scale", 0.5))
                .hasMessageContaining("min_scale <= max_scale <= 1, got 0.9 and 0.5");
        assertThatThrownBy(() -> read("clip_image_eval", "mean", List.of(0.5))).hasMessageContaining("three numbers");
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 500", "500, 1", "2, 3", "640, 480", "333, 1000"})
    void everyPlanStaysInsideTheImage(int width, int height) {
        for (var name : List.of("blip_image_train", "blip2_image_train", "clip_image_train")) {
            for (int i = 0; i < 200; i++) {
                var crop = read(name)
                        .plan(width, height, SeededSampleRandom.of(1, 0, i))
                        .crop();
                assertThat(crop.width()).as("%s, sample %d", name, i).isBetween(1, width);
                assertThat(crop.height()).isBetween(1, height);
                assertThat(crop.left()).isBetween(0, width - crop.width());
                assertThat(crop.top()).isBetween(0, height - crop.height());
            }
        }
    }

    @Test
    void anImageWithoutRoomForTheProportionsIsCutInTheMiddle() {
        var crop = read("blip2_image_train")
                .plan(1000, 30, SeededSampleRandom.of(1, 0, 0))
                .crop();
        assertThat(crop).isEqualTo(new Box(480, 0, 40, 30));
    }

    @Test
    void onlyTheTrainingProcessorsOfBlipFlip() {
        int flips = 0;
        for (int i = 0; i < 1000; i++) {
            var random = SeededSampleRandom.of(3, 0, i);
            flips += read("blip2_image_train").plan(90, 80, random).flip() ? 1 : 0;
            assertThat(read("clip_image_train")
                            .plan(90, 80, SeededSampleRandom.of(3, 0, i))
                            .flip())
                    .isFalse();
        }
        assertThat(flips).isBetween(440, 560);
    }

    @Test
    void randAugmentDrawsEveryOperationHalfOfTheTime() {
        var seen = EnumSet.noneOf(Operation.class);
        int augmentations = 0;
        for (int i = 0; i < 1000; i++) {
            for (var augmentation : read("blip_image_train")
                    .plan(90, 80, SeededSampleRandom.of(3, 0, i))
                    .augmentations()) {
                seen.add(augmentation.operation());
                augmentations++;
            }
        }
        assertThat(seen).containsExactly(Operation.values());
        assertThat(augmentations).isBetween(900, 1100);
    }

    /**
     * Sizes by torchvision's rules: the longer side is cut off to whole pixels, half a pixel of margin goes to even.
     */
    @ParameterizedTest
    @CsvSource({
        "100, 75, 298, 224, 37, 0",
        "75, 100, 224, 298, 0, 37",
        "50, 53, 224, 237, 0, 6",
        "224, 224, 224, 224, 0, 0"
    })
    void theClipProcessorKeepsTheMiddle(int width, int height, int toWidth, int toHeight, int left, int top) {
        var plan = read("clip_image_eval").plan(width, height, new NoSampleRandom());
        assertThat(plan.width()).isEqualTo(toWidth);
        assertThat(plan.height()).isEqualTo(toHeight);
        assertThat(plan.window()).isEqualTo(new Box(left, top, 224, 224));
    }

    @Test
    void aMirroredPlanMirrorsItsResult() {
        var image = ReferenceImages.random(new Random(4), 31, 17);
        var plain = ImagePlan.square(new Box(3, 2, 20, 14), 9, false, List.of()).apply(image);
        var mirrored =
                ImagePlan.square(new Box(3, 2, 20, 14), 9, true, List.of()).apply(image);
        for (int y = 0; y < 9; y++) {
            for (int x = 0; x < 9; x++) {
                for (int c = 0; c < 3; c++) {
                    assertThat(mirrored.pixels()[3 * (9 * y + x) + c])
                            .isEqualTo(plain.pixels()[3 * (9 * y + 8 - x) + c]);
                }
            }
        }
    }

    @Test
    void anOutputThatIsTooSmallIsRefused() {
        var image = ReferenceImages.random(new Random(4), 3, 3);
        assertThatThrownBy(() -> read("blip_image_eval", "image_size", 4)
                        .process(image, new NoSampleRandom(), FloatBuffer.allocate(47)))
                .hasMessageContaining("expected room for 48 numbers (3 x 4 x 4), got 47");
    }
}
