package io.lavis4j.processor;

import java.util.Arrays;

/**
 * Draws the regions of a sample into its picture, as the authors of Sherlock do with Pillow.
 *
 * <p>A box includes the pixels of both corners, (left, top) and (left + width, top + height); what lies outside the
 * picture is cut off. A box of negative width or height draws nothing.
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

    // what is on the overlay
    private static final byte NOTHING = 0;
    private static final byte FILLED = 1;
    private static final byte OUTLINED = 2;

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

    /** A picture with its regions drawn; {@code image} itself is never changed, but returned where nothing is drawn. */
    public static RgbImage draw(RgbImage image, Regions regions) {
        if (regions.mode() == RegionMode.NONE || (regions.boxes().isEmpty() && regions.mode() != RegionMode.BLACKOUT)) {
            return image;
        }
        var overlay = new Overlay(image.width(), image.height(), new byte[image.width() * image.height()]);
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
                overlay.rectangle(x0, y0, x1, y1, regions.mode() == RegionMode.HIGHLIGHT);
            }
        }
        return new RgbImage(image.width(), image.height(), composed(image.pixels(), overlay.marks(), regions.mode()));
    }

    private static long roundHalfUp(double x) {
        return (long) Math.floor(x + 0.5);
    }

    private static byte[] composed(byte[] pixels, byte[] marks, RegionMode mode) {
        byte[] drawn = pixels.clone();
        for (int i = 0; i < marks.length; i++) {
            int p = 3 * i;
            if (mode == RegionMode.BLACKOUT) {
                if (marks[i] == NOTHING) {
                    Arrays.fill(drawn, p, p + 3, (byte) 0);
                }
            } else if (marks[i] != NOTHING) {
                if (mode == RegionMode.HIDE) {
                    System.arraycopy(COVER, 0, drawn, p, 3);
                } else if (marks[i] == OUTLINED) {
                    System.arraycopy(OUTLINE, 0, drawn, p, 3);
                } else {
                    for (int c = 0; c < 3; c++) {
                        drawn[p + c] = VEIL[c][pixels[p + c] & 0xff];
                    }
                }
            }
        }
        return drawn;
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

    /** What each pixel of the picture is covered with; later boxes replace earlier ones. */
    private record Overlay(int width, int height, byte[] marks) {

        /** Corners included. */
        void rectangle(long x0, long y0, long x1, long y1, boolean outlined) {
            for (long y = Math.max(y0, 0); y <= Math.min(y1, height - 1); y++) {
                row(x0, x1, y, FILLED);
            }
            for (int i = 0; outlined && i < OUTLINE_WIDTH; i++) {
                row(x0, x1, y0 + i, OUTLINED);
                row(x0, x1, y1 - i, OUTLINED);
                column(x0 + i, y0 + OUTLINE_WIDTH, y1 - OUTLINE_WIDTH + 1, OUTLINED);
                column(x1 - i, y0 + OUTLINE_WIDTH, y1 - OUTLINE_WIDTH + 1, OUTLINED);
            }
        }

        private void row(long x0, long x1, long y, byte mark) {
            if (y >= 0 && y < height && x1 >= 0 && x0 < width) {
                int start = (int) y * width;
                Arrays.fill(marks, start + (int) Math.max(x0, 0), start + (int) Math.min(x1, width - 1) + 1, mark);
            }
        }

        /** From {@code start} towards {@code end}, up or down, {@code end} excluded. */
        private void column(long x, long start, long end, byte mark) {
            if (x < 0 || x >= width) {
                return;
            }
            long first = start <= end ? start : end + 1;
            long last = start <= end ? end - 1 : start;
            for (long y = Math.max(first, 0); y <= Math.min(last, height - 1); y++) {
                marks[(int) y * width + (int) x] = mark;
            }
        }
    }
}
