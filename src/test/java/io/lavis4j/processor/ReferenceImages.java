package io.lavis4j.processor;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.image.RgbImage;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.ImageIO;

/** Images that tests compare with. */
public final class ReferenceImages {

    private ReferenceImages() {}

    /** An 8-bit RGB PNG, read without our decoder. */
    static RgbImage png(Path file) {
        try {
            var image = ImageIO.read(file.toFile());
            byte[] pixels = new byte[3 * image.getWidth() * image.getHeight()];
            int[] colours = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
            for (int i = 0; i < colours.length; i++) {
                pixels[3 * i] = (byte) (colours[i] >> 16);
                pixels[3 * i + 1] = (byte) (colours[i] >> 8);
                pixels[3 * i + 2] = (byte) colours[i];
            }
            return new RgbImage(image.getWidth(), image.getHeight(), pixels);
        } catch (IOException e) {
            throw new UncheckedIOException(file.toString(), e);
        }
    }

    /** Writes an 8-bit RGB PNG. */
    static Path write(RgbImage image, Path file) {
        var written = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_3BYTE_BGR);
        written.getRaster().setDataElements(0, 0, image.width(), image.height(), image.pixels());
        try {
            ImageIO.write(written, "png", file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(file.toString(), e);
        }
        return file;
    }

    /** Noise. */
    public static RgbImage random(Random random, int width, int height) {
        byte[] pixels = new byte[3 * width * height];
        random.nextBytes(pixels);
        return new RgbImage(width, height, pixels);
    }

    /** Equal in size and in every pixel. */
    public static void assertSame(RgbImage actual, RgbImage expected) {
        assertThat(actual.width() + " x " + actual.height()).isEqualTo(expected.width() + " x " + expected.height());
        int differing = 0;
        int largest = 0;
        int first = -1;
        for (int i = 0; i < expected.pixels().length; i++) {
            int difference = Math.abs((actual.pixels()[i] & 0xff) - (expected.pixels()[i] & 0xff));
            if (difference > 0) {
                differing++;
                largest = Math.max(largest, difference);
                first = first < 0 ? i : first;
            }
        }
        assertThat(differing)
                .as(
                        "differing levels, by up to %d, the first at x %d, y %d, channel %d",
                        largest, first / 3 % expected.width(), first / 3 / expected.width(), first % 3)
                .isZero();
    }
}
