package io.lavis4j.image;

/**
 * A rectangle in an image; it may reach beyond the edges.
 *
 * @param left pixels from the left edge
 * @param top pixels from the upper edge
 * @param width pixels
 * @param height pixels
 */
public record Box(int left, int top, int width, int height) {

    /** Whether nothing of it is in an image of this size, pixels. */
    public boolean isOutside(int imageWidth, int imageHeight) {
        return (long) left + width <= 0 || (long) top + height <= 0 || left >= imageWidth || top >= imageHeight;
    }
}
