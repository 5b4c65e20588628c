package io.lavis4j.image;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HistogramOpsTest {

    /** The expected levels are those of Pillow 13.0.0's {@code ImageOps.autocontrast}. */
    @Test
    void autoContrastStretchesAChannelWithoutBlackAsPillowDoes() {
        int[] image = {40, 0, 200, 90, 10, 200, 100, 128, 200, 139, 255, 200};
        int[] stretched = {0, 0, 200, 128, 10, 200, 154, 128, 200, 254, 255, 200};
        assertThat(HistogramOps.autoContrast(bytes(image))).isEqualTo(bytes(stretched));
    }

    private static byte[] bytes(int[] levels) {
        byte[] bytes = new byte[levels.length];
        for (int i = 0; i < levels.length; i++) {
            bytes[i] = (byte) levels[i];
        }
        return bytes;
    }
}
