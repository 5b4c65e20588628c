package io.lavis4j.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.processor.ReferenceImages;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RegionHighlightTest {

    private static final byte[] GREY = {100, 100, 100};

    private static RgbImage grey(int width, int height) {
        byte[] pixels = new byte[3 * width * height];
        Arrays.fill(pixels, (byte) 100);
        return new RgbImage(width, height, pixels);
    }

    private static byte[] pixel(RgbImage image, int x, int y) {
        int at = 3 * (y * image.width() + x);
        return Arrays.copyOfRange(image.pixels(), at, at + 3);
    }

    private static Regions in(RegionMode mode, Box... boxes) {
        return new Regions(List.of(boxes), 0, 0, mode);
    }

    @Test
    void theVeilOverGreyIsPink() {
        var drawn = RegionHighlight.draw(grey(20, 20), in(RegionMode.HIGHLIGHT, new Box(2, 2, 12, 12)));

        assertThat(pixel(drawn, 8, 8)).containsExactly(136, 78, 125);
        assertThat(pixel(drawn, 4, 4)).containsExactly(0x05, 0xff, 0x37);
        assertThat(pixel(drawn, 14, 14)).containsExactly(0x05, 0xff, 0x37);
        assertThat(pixel(drawn, 15, 14)).isEqualTo(GREY);
    }

    @Test
    void hiddenRegionsAreGreyAndHaveNoFrame() {
        var drawn = RegionHighlight.draw(grey(9, 9), in(RegionMode.HIDE, new Box(2, 3, 4, 1)));

        assertThat(pixel(drawn, 2, 3)).containsExactly(0x7b, 0x75, 0x75);
        assertThat(pixel(drawn, 6, 4)).containsExactly(0x7b, 0x75, 0x75);
        assertThat(pixel(drawn, 1, 3)).isEqualTo(GREY);
        assertThat(pixel(drawn, 6, 5)).isEqualTo(GREY);
    }

    @Test
    void blackoutKeepsOnlyTheRegions() {
        var drawn = RegionHighlight.draw(grey(9, 9), in(RegionMode.BLACKOUT, new Box(0, 0, 1, 1), new Box(7, 7, 1, 1)));

        assertThat(pixel(drawn, 1, 1)).isEqualTo(GREY);
        assertThat(pixel(drawn, 8, 8)).isEqualTo(GREY);
        assertThat(pixel(drawn, 2, 1)).containsExactly(0, 0, 0);
        assertThat(pixel(RegionHighlight.draw(grey(9, 9), in(RegionMode.BLACKOUT)), 4, 4))
                .containsExactly(0, 0, 0);
    }

    @Test
    void withoutRegionsTheImageIsReturned() {
        var image = grey(3, 3);
        assertThat(RegionHighlight.draw(image, in(RegionMode.NONE, new Box(0, 0, 9, 9))))
                .isSameAs(image);
        assertThat(RegionHighlight.draw(image, in(RegionMode.HIGHLIGHT))).isSameAs(image);
    }

    @ParameterizedTest
    @EnumSource(RegionMode.class)
    void noBoxFailsOrChangesTheInput(RegionMode mode) {
        var random = new Random(5);
        int[] numbers = {Integer.MIN_VALUE, -1000, -2, -1, 0, 1, 2, 3, 7, 30, 1000, Integer.MAX_VALUE};
        for (int i = 0; i < 2000; i++) {
            var image = ReferenceImages.random(random, 1 + random.nextInt(20), 1 + random.nextInt(20));
            byte[] before = image.pixels().clone();
            var box = new Box(
                    numbers[random.nextInt(numbers.length)],
                    numbers[random.nextInt(numbers.length)],
                    numbers[random.nextInt(numbers.length)],
                    numbers[random.nextInt(numbers.length)]);
            int declared = random.nextInt(3) * Math.max(image.width(), 1);
            var regions = new Regions(List.of(box, box), declared, declared, mode);

            var drawn = RegionHighlight.draw(image, regions);

            assertThat(image.pixels()).as("box %s, seed 5, round %d", box, i).isEqualTo(before);
            assertThat(drawn.width()).isEqualTo(image.width());
        }
    }

    @Test
    void boxesOfNegativeSizeDrawNothing() {
        var image = grey(9, 9);
        var drawn = RegionHighlight.draw(image, in(RegionMode.HIGHLIGHT, new Box(5, 5, -3, 2), new Box(5, 5, 2, -1)));
        ReferenceImages.assertSame(drawn, image);
    }

    @Test
    void sizesFitUpToOnePerCent() {
        assertThat(RegionHighlight.fits(new Regions(List.of(), 1000, 1000, RegionMode.HIGHLIGHT), 990, 1000))
                .isTrue();
        assertThat(RegionHighlight.fits(new Regions(List.of(), 1000, 1000, RegionMode.HIGHLIGHT), 989, 1000))
                .isFalse();
        assertThat(RegionHighlight.fits(new Regions(List.of(), 0, 0, RegionMode.HIGHLIGHT), 989, 1000))
                .isTrue();
    }
}
