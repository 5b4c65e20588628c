package io.lavis4j.processor;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.config.Section;
import io.lavis4j.image.Box;
import io.lavis4j.image.ImageDecoder;
import io.lavis4j.image.RegionHighlight;
import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import io.lavis4j.tensor.Precision;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Native images equal those of plain Java, bit for bit: random files, crops, regions, flips, augmentations and
 * precisions. The system property {@code twin.cases} says how many; {@code twin.seed} from where on.
 */
class NativeTwinTest {

    private static final int CASES = Integer.getInteger("twin.cases", 5000);
    private static final long SEED = Long.getLong("twin.seed", 1);
    private static final int CASES_OF_A_FILE = 8;
    private static final int FILES_TO_A_LARGE_ONE = 400;
    private static final List<String> PROCESSORS =
            List.of("blip_image_train", "blip2_image_train", "clip_image_train", "blip_image_eval", "clip_image_eval");

    private final Map<Precision, Integer> seen = new EnumMap<>(Precision.class);
    private int augmented;

    @Test
    void everythingEqualsTheTwin() {
        assertThat(ImagePath.NATIVE.pipeline()).isInstanceOf(NativeImagePipeline.class);
        for (int i = 0; i * CASES_OF_A_FILE < CASES; i++) {
            checkFile(SEED + i, i % FILES_TO_A_LARGE_ONE == FILES_TO_A_LARGE_ONE / 2);
        }
        assertThat(seen.values()).hasSize(3).allMatch(count -> count > CASES / 5);
        assertThat(augmented).isGreaterThan(CASES / 10);
    }

    private void checkFile(long seed, boolean large) {
        var random = new Random(seed * 0x9e3779b97f4a7c15L); // neighbours would begin alike
        byte[] file = file(random, large);
        var image = ImageDecoder.decode(file, "seed " + seed);
        var input = new NativeImage(
                "seed " + seed, ByteBuffer.allocateDirect(file.length).put(file).flip());
        assertThat(input.size()).as("seed %d", seed).containsExactly(image.width(), image.height());
        for (int j = 0; j < CASES_OF_A_FILE; j++) {
            var processor = processor(random);
            var plan = random.nextBoolean()
                    ? processor.plan(image.width(), image.height(), SeededSampleRandom.of(seed, 0, j))
                    : plan(random, image.width(), image.height());
            var packed = new PackedPlan(regions(random, image.width(), image.height()), plan, false);
            var precision = List.of(Precision.values()).get(random.nextInt(3));
            var actual = PixelBuffer.direct(packed.length(), precision);
            input.load(packed, processor, actual);

            var expected = PixelBuffer.direct(packed.length(), precision);
            var single = FloatBuffer.allocate(packed.length());
            Normalization.apply(plan.apply(RegionHighlight.draw(image, packed.regions())), processor.table(), single);
            expected.put(single.array());
            assertThat(actual.memory().rewind().equals(expected.memory().rewind()))
                    .as("seed %d, case %d: %d x %d, %s, %s", seed, j, image.width(), image.height(), packed, precision)
                    .isTrue();
            seen.merge(precision, 1, Integer::sum);
            augmented += packed.augmentations().isEmpty() ? 0 : 1;
        }
    }

    private static byte[] file(Random random, boolean large) {
        int largest = random.nextInt(12) == 0 ? 300 : 70;
        int width = large ? 2000 + random.nextInt(2001) : 1 + random.nextInt(random.nextInt(8) == 0 ? 3 : largest);
        int height = large ? 1500 + random.nextInt(1501) : 1 + random.nextInt(random.nextInt(8) == 0 ? 3 : largest);
        if (random.nextInt(5) < 2) {
            var kinds = List.of(NativeTestPngs.Kind.values());
            return NativeTestPngs.random(random, kinds.get(random.nextInt(kinds.size())), width, height);
        }
        byte[] jpeg = random.nextInt(4) == 0
                ? NativeTestJpegs.unconverted(random, 3 + random.nextInt(2), width, height)
                : NativeTestJpegs.random(random, width, height);
        return random.nextInt(3) == 0 ? NativeTestJpegs.withOrientation(jpeg, 1 + random.nextInt(8)) : jpeg;
    }

    private static PlannedProcessor processor(Random random) {
        var section = Section.root(Map.of(
                "name", PROCESSORS.get(random.nextInt(PROCESSORS.size())), "image_size", 1 + random.nextInt(40)));
        var processor = ImageProcessors.read(section);
        section.requireValid();
        return (PlannedProcessor) Objects.requireNonNull(processor);
    }

    /** What no processor plans: crops of any form, often at an edge, of which parts are kept. */
    private static ImagePlan plan(Random random, int width, int height) {
        int resizedWidth = 1 + random.nextInt(50);
        int resizedHeight = 1 + random.nextInt(50);
        var augmentations = random.nextBoolean()
                ? RandAugment.draw(SeededSampleRandom.of(random.nextLong(), 0, 0))
                : List.<Augmentation>of();
        return new ImagePlan(
                part(random, width, height),
                resizedWidth,
                resizedHeight,
                part(random, resizedWidth, resizedHeight),
                random.nextBoolean(),
                augmentations);
    }

    private static Box part(Random random, int width, int height) {
        int w = random.nextInt(4) == 0 ? width : 1 + random.nextInt(width);
        int h = random.nextInt(4) == 0 ? height : 1 + random.nextInt(height);
        int left = random.nextInt(3) == 0 ? width - w : random.nextInt(width - w + 1);
        int top = random.nextInt(3) == 0 ? height - h : random.nextInt(height - h + 1);
        return new Box(left, top, w, h);
    }

    private static Regions regions(Random random, int width, int height) {
        var boxes = new ArrayList<Box>();
        for (int i = random.nextInt(6); i > 0; i--) {
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
}
