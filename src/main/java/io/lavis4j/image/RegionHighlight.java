package io.lavis4j.image;

/**
 * Draws the regions of a sample into its image, as the authors of Sherlock do with Pillow.
 *
 * <p>A box includes the pixels of both corners, (left, top) and (left + width, top + height); what lies outside the
 * image is cut off. A box of negative width or height draws nothing.
 */
public final class RegionHighlight {

    /** How far two aspect ratios may differ, as a part of the larger, for boxes to be scaled. */
    private static final double ASPECT_TOLERANCE = 0.01;

    private static final int OUTLINE_WIDTH = 3;

    // fill #ff05cd with alpha 60, outline #05ff37 without transparency, cover #7B7575
    private static final int[] FILL = {0xff, 0x05, 0xcd};
    private static final int FILL_ALPHA = 60;
    private static final byte[] OUTLINE = {0x05, (byte) 0xff, 0x37};
    private static final byte[] COVER = {0x7b, 0x75, 0x75};

    private static final byte[][] VEIL = veil();

    private RegionHighlight() {}

    /**
     * Whether the boxes fit a file of this size: it has the declared aspect ratio within 1 %, or none is declared.
     * Boxes that do not fit are taken as the file's pixels, of which the user should be told.
     */
    public static boolean fits(Regions regions, int width, int height) {
        if (regions.declaredWidth() <= 0 || regions.declaredHeight() <= 0) {
            return true;
        }
        double a = (double) regions.declaredWidth() * height;
        double b = (double) regions.declaredHeight() * width;
        return Math.abs(a - b) <= ASPECT_TOLERANCE * Math.max(a, b);
    }

    /** An image with its regions drawn; {@code image} itself is never changed, but returned where nothing is drawn. */
    public static RgbImage draw(RgbImage image, Regions regions) {
        if (regions.mode() == RegionMode.NONE || (regions.boxes().isEmpty() && regions.mode() != RegionMode.BLACKOUT)) {
            return image;
        }
        boolean keepsRest = regions.mode() != RegionMode.BLACKOUT;
        byte[] drawn = keepsRest ? image.pixels().clone() : new byte[image.pixels().length];
        var canvas = new Canvas(image, drawn, regions.mode());
        boolean scales = regions.declaredWidth() > 0
                && regions.declaredHeight() > 0
                && fits(regions, image.width(), image.height());
        double scaleX = scales ? (double) image.width() / regions.declaredWidth() : 1;
        double scaleY = scales ? (double) image.height() / regions.declaredHeight() : 1;
        for (Box box : regions.boxes()) {
            long x0 = roundHalfUp(box.left() * scaleX);
            long y0 = roundHalfUp(box.top() * scaleY);
            long x1 = roundHalfUp(((long) box.left() + box.width()) * scaleX);
            long y1 = roundHalfUp(((long) box.top() + box.height()) * scaleY);
            if (x1 >= x0 && y1 >= y0) {
                canvas.box(x0, y0, x1, y1);
            }
        }
        return new RgbImage(image.width(), image.height(), drawn);
    }

    private static long roundHalfUp(double x) {
        return (long) Math.floor(x + 0.5);
    }

    /** The fill over every level of a channel; in the integers that Pillow's {@code alpha_composite} computes in. */
    private static byte[][] veil() {
        byte[][] veil = new byte[3][256];
        for (int c = 0; c < 3; c++) {
            for (int level = 0; level < 256; level++) {
                int sum = (FILL[c] * FILL_ALPHA + level * (255 - FILL_ALPHA) + 128) << 7;
                veil[c][level] = (byte) (((sum + (sum >> 8)) >> 8) >> 7);
            }
        }
        return veil;
    }

    /**
     * Where boxes are drawn. A later box replaces an earlier one: every pixel is made from the image's own, not from
     * what was drawn before.
     */
    private record Canvas(RgbImage image, byte[] drawn, RegionMode mode) {

        /** Corners included. */
        void box(long x0, long y0, long x1, long y1) {
            for (long y = Math.max(y0, 0); y <= Math.min(y1, image.height() - 1); y++) {
                fill(x0, x1, y);
            }
            for (int i = 0; mode == RegionMode.HIGHLIGHT && i < OUTLINE_WIDTH; i++) {
                outline(x0, x1, y0 + i, y0 + i);
                outline(x0, x1, y1 - i, y1 - i);
                // columns end before the lower rows; in a low box they run upwards instead and leave it
                long start = y0 + OUTLINE_WIDTH;
                long end = y1 - OUTLINE_WIDTH + 1;
                long first = start <= end ? start : end + 1;
                long last = start <= end ? end - 1 : start;
                outline(x0 + i, x0 + i, first, last);
                outline(x1 - i, x1 - i, first, last);
            }
        }

        private void fill(long x0, long x1, long y) {
            if (x1 < 0 || x0 >= image.width()) {
                return;
            }
            int start = at(Math.max(x0, 0), y);
            int end = at(Math.min(x1, image.width() - 1) + 1, y);
            byte[] pixels = image.pixels();
            for (int p = start; p < end; p += 3) {
                for (int c = 0; c < 3; c++) {
                    drawn[p + c] = switch (mode) {
                        case HIGHLIGHT -> VEIL[c][pixels[p + c] & 0xff];
                        case HIDE -> COVER[c];
                        case BLACKOUT, NONE -> pixels[p + c];
                    };
                }
            }
        }

        private void outline(long x0, long x1, long y0, long y1) {
            for (long y = Math.max(y0, 0); y <= Math.min(y1, image.height() - 1); y++) {
                for (long x = Math.max(x0, 0); x <= Math.min(x1, image.width() - 1); x++) {
                    System.arraycopy(OUTLINE, 0, drawn, at(x, y), 3);
                }
            }
        }

        private int at(long x, long y) {
            return 3 * (int) (y * image.width() + x);
        }
    }
}
