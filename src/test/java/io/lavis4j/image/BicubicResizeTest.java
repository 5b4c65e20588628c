package io.lavis4j.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.processor.ReferenceImages;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BicubicResizeTest {

    static IntStream seeds() {
        return IntStream.range(0, 60);
    }

    private static RgbImage resize(RgbImage image, int width, int height) {
        var whole = new Box(0, 0, image.width(), image.height());
        return new RgbImage(
                width, height, BicubicResize.resize(image, whole, width, height, new Box(0, 0, width, height)));
    }

    private static RgbImage cut(RgbImage image, Box box) {
        byte[] pixels = new byte[3 * box.width() * box.height()];
        for (int y = 0; y < box.height(); y++) {
            System.arraycopy(
                    image.pixels(),
                    3 * ((box.top() + y) * image.width() + box.left()),
                    pixels,
                    3 * y * box.width(),
                    3 * box.width());
        }
        return new RgbImage(box.width(), box.height(), pixels);
    }

    private static Box part(Random random, int width, int height) {
        int w = 1 + random.nextInt(width);
        int h = 1 + random.nextInt(height);
        return new Box(random.nextInt(width - w + 1), random.nextInt(height - h + 1), w, h);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aPartOfACropIsThatOfTheImageCutOutFirst(int seed) {
        var random = new Random(seed);
        int most = seed % 3 == 0 ? 4 : 90;
        var image = ReferenceImages.random(random, 1 + random.nextInt(most), 1 + random.nextInt(most));
        var crop = part(random, image.width(), image.height());
        int width = 1 + random.nextInt(60);
        int height = 1 + random.nextInt(60);
        var window = part(random, width, height);

        byte[] direct = BicubicResize.resize(image, crop, width, height, window);

        ReferenceImages.assertSame(
                new RgbImage(window.width(), window.height(), direct),
                cut(resize(cut(image, crop), width, height), window));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void onePixelFillsAnySize(int seed) {
        var random = new Random(seed);
        var pixel = ReferenceImages.random(random, 1, 1);
        var large = resize(pixel, 1 + random.nextInt(30), 1 + random.nextInt(30));

        for (int i = 0; i < large.pixels().length; i++) {
            assertThat(large.pixels()[i]).isEqualTo(pixel.pixels()[i % 3]);
        }
        assertThat(resize(large, 1, 1).pixels()).isEqualTo(pixel.pixels());
    }

    @Test
    void theSameSizeChangesNothing() {
        var image = ReferenceImages.random(new Random(1), 13, 7);
        ReferenceImages.assertSame(resize(image, 13, 7), image);
    }
}
