package io.lavis4j.image;

/**
 * An image in memory.
 *
 * @param width pixels, at least 1
 * @param height pixels, at least 1
 * @param pixels (height, width, 3), unsigned 8-bit red, green, blue; not copied
 */
public record RgbImage(int width, int height, byte[] pixels) {

    public RgbImage {
        if (width < 1 || height < 1 || pixels.length != 3L * width * height) {
            throw new IllegalArgumentException(
                    "expected 3 x %d x %d bytes of an image, got %d".formatted(width, height, pixels.length));
        }
    }
}
