package io.lavis4j.image;

/** Images made small enough to look at, with Pillow's bicubic resampling. */
public final class Thumbnails {

    private Thumbnails() {}

    /**
     * An image with its proportions whose longer side is at most {@code longestSide}; a smaller one is returned as it
     * is.
     *
     * @param longestSide pixels, at least 1
     */
    public static RgbImage toFit(RgbImage image, int longestSide) {
        if (longestSide < 1) {
            throw new IllegalArgumentException("expected a longest side of at least 1 pixel, got " + longestSide);
        }
        int longer = Math.max(image.width(), image.height());
        if (longer <= longestSide) {
            return image;
        }
        double scale = (double) longestSide / longer;
        int width = Math.max(1, (int) Math.round(image.width() * scale));
        int height = Math.max(1, (int) Math.round(image.height() * scale));
        var all = new Box(0, 0, image.width(), image.height());
        var window = new Box(0, 0, width, height);
        return new RgbImage(width, height, BicubicResize.resize(image, all, width, height, window));
    }
}
