package io.lavis4j.image;

import java.io.IOException;
import java.util.Arrays;

/** From the channels of a TIFF image to RGB. */
record TiffColours(TiffTags tags, TiffLayout layout) {

    private static final int SCALE_BITS = 6;

    /**
     * Converts an image, in place where there are three channels.
     *
     * @param levels (height, width, channels)
     */
    byte[] rgb(byte[] levels) throws IOException {
        return switch (layout.colours()) {
            case WHITE_IS_ZERO, GREY -> grey(levels);
            case PALETTE -> palette().rgb(levels);
            case RGB -> levels;
            case ASSOCIATED_RGBA -> divided(levels);
            case CMYK -> fromCmyk(levels);
            case YCC -> layout.compression() == TiffLayout.JPEG ? levels : fromYcc(levels);
        };
    }

    private byte[] grey(byte[] levels) {
        int largest = layout.bits() < 8 ? (1 << layout.bits()) - 1 : 255;
        boolean inverts = layout.colours() == TiffLayout.Colours.WHITE_IS_ZERO && layout.bits() <= 8 && !layout.isFax();
        byte[] rgb = new byte[3 * levels.length];
        for (int i = 0; i < levels.length; i++) {
            int level = (levels[i] & 0xff) * 255 / largest;
            Arrays.fill(rgb, 3 * i, 3 * i + 3, (byte) (inverts ? 255 - level : level));
        }
        return rgb;
    }

    /** All reds, then all greens, then all blues, of which the high bytes count. */
    private Palette palette() throws IOException {
        long[] map = tags.all(TiffTags.COLOUR_MAP);
        int colours = map.length / 3;
        if (colours < 1 << layout.bits()) {
            throw new IOException("its palette has %d colours, expected %d".formatted(colours, 1 << layout.bits()));
        }
        var palette = new Palette();
        for (int i = 0; i < 1 << layout.bits(); i++) {
            palette.set(i, (int) map[i] >> 8, (int) map[colours + i] >> 8, (int) map[2 * colours + i] >> 8);
        }
        return palette;
    }

    private static byte[] divided(byte[] rgba) {
        byte[] rgb = new byte[rgba.length / 4 * 3];
        for (int from = 0, to = 0; from < rgba.length; from += 4) {
            int alpha = rgba[from + 3] & 0xff;
            for (int c = 0; c < 3; c++) {
                rgb[to++] = alpha == 0 ? 0 : clip((rgba[from + c] & 0xff) * 255 / alpha);
            }
        }
        return rgb;
    }

    private static byte[] fromCmyk(byte[] cmyk) {
        for (int i = 0; i < cmyk.length; i++) {
            cmyk[i] = (byte) ~cmyk[i];
        }
        return JpegDecoder.fromInvertedCmyk(cmyk, cmyk.length / 4);
    }

    /** Pillow's own conversion, which is coarser than libjpeg's. */
    private static byte[] fromYcc(byte[] ycc) {
        for (int i = 0; i < ycc.length; i += 3) {
            int y = ycc[i] & 0xff, cb = (ycc[i + 1] & 0xff) - 128, cr = (ycc[i + 2] & 0xff) - 128;
            ycc[i] = clip(y + (scaled(1.402, cr) >> SCALE_BITS));
            ycc[i + 1] = clip(y + ((scaled(-0.34414, cb) + scaled(-0.71414, cr)) >> SCALE_BITS));
            ycc[i + 2] = clip(y + (scaled(1.772, cb) >> SCALE_BITS));
        }
        return ycc;
    }

    private static int scaled(double factor, int chroma) {
        return (int) (factor * chroma * (1 << SCALE_BITS) + 0.5); // towards 0
    }

    private static byte clip(int level) {
        return (byte) Math.max(0, Math.min(level, 255));
    }

    /** @param orientation of TIFF and EXIF, 1 to 8; anything else is 1 */
    static RgbImage turned(RgbImage image, int orientation) {
        if (orientation < 2 || orientation > 8) {
            return image;
        }
        boolean swapped = orientation >= 5;
        int width = swapped ? image.height() : image.width(), height = swapped ? image.width() : image.height();
        boolean fromRight = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
        boolean fromBottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
        byte[] pixels = new byte[image.pixels().length];
        for (int y = 0, to = 0; y < height; y++) {
            for (int x = 0; x < width; x++, to += 3) {
                int column = swapped ? y : x, row = swapped ? x : y;
                int fromX = fromRight ? image.width() - 1 - column : column;
                int fromY = fromBottom ? image.height() - 1 - row : row;
                System.arraycopy(image.pixels(), 3 * (fromY * image.width() + fromX), pixels, to, 3);
            }
        }
        return new RgbImage(width, height, pixels);
    }
}
