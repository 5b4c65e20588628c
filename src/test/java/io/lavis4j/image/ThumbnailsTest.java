package io.lavis4j.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ThumbnailsTest {

    private static RgbImage grey(int width, int height) {
        byte[] pixels = new byte[3 * width * height];
        Arrays.fill(pixels, (byte) 100);
        return new RgbImage(width, height, pixels);
    }

    @Test
    void theLongerSideIsWhatWasAskedForAndProportionsStay() {
        var wide = Thumbnails.toFit(grey(90, 31), 30);
        assertThat(wide.width()).isEqualTo(30);
        assertThat(wide.height()).isEqualTo(10);
        assertThat(wide.pixels()).containsOnly(100);
        assertThat(Thumbnails.toFit(grey(1, 500), 20).width()).isEqualTo(1);
    }

    @Test
    void aSmallImageIsReturnedAsItIs() {
        var small = grey(20, 30);
        assertThat(Thumbnails.toFit(small, 30)).isSameAs(small);
    }

    @Test
    void aSideOfNoPixelsIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> Thumbnails.toFit(grey(2, 2), 0));
    }
}
