package io.lavis4j.image;

/**
 * The {@code warpAffine} of OpenCV 4 before 4.11 (later ones compute otherwise), bilinear, with a border of grey 128.
 *
 * <p>The matrix takes pixels of the image to those of the result: x' = a x + b y + c, y' = d x + e y + f. Coordinates
 * are whole multiples of 1/32 pixel, weights of 2^-15.
 */
public record AffineWarp(double a, double b, double c, double d, double e, double f) {

    private static final int BORDER = 128;
    private static final int FRACTION_BITS = 5;
    private static final int FRACTIONS = 1 << FRACTION_BITS;
    private static final int COORDINATE_BITS = 10;
    private static final int COORDINATE_SCALE = 1 << COORDINATE_BITS;
    private static final int EXTRA_BITS = COORDINATE_BITS - FRACTION_BITS;

    /** About the image's centre, counter-clockwise. */
    public static AffineWarp rotation(double degrees, int width, int height) {
        double angle = degrees * Math.PI / 180;
        double cos = Math.cos(angle);
        double sin = Math.sin(angle);
        double x = width / 2.0;
        double y = height / 2.0;
        return new AffineWarp(cos, sin, (1 - cos) * x - sin * y, -sin, cos, sin * x + (1 - cos) * y);
    }

    private AffineWarp inverse() {
        double determinant = a * e - b * d;
        double scale = determinant == 0 ? 0 : 1 / determinant;
        double ia = e * scale;
        double ie = a * scale;
        double ib = -b * scale;
        double id = -d * scale;
        return new AffineWarp(ia, ib, -ia * c - ib * f, id, ie, -id * c - ie * f);
    }

    /** The six numbers of the matrix that takes pixels of the result to where they come from. */
    public double[] sources() {
        var inverse = inverse();
        return new double[] {inverse.a, inverse.b, inverse.c, inverse.d, inverse.e, inverse.f};
    }

    public byte[] apply(byte[] pixels, int width, int height) {
        var inverse = inverse();
        byte[] out = new byte[pixels.length];
        int half = 1 << (EXTRA_BITS - 1);
        int to = 0;
        for (int y = 0; y < height; y++) {
            int rowX = (int) Math.rint((inverse.b * y + inverse.c) * COORDINATE_SCALE) + half;
            int rowY = (int) Math.rint((inverse.e * y + inverse.f) * COORDINATE_SCALE) + half;
            for (int x = 0; x < width; x++) {
                int fromX = (rowX + (int) Math.rint(inverse.a * x * COORDINATE_SCALE)) >> EXTRA_BITS;
                int fromY = (rowY + (int) Math.rint(inverse.d * x * COORDINATE_SCALE)) >> EXTRA_BITS;
                for (int channel = 0; channel < 3; channel++) {
                    out[to++] = bilinear(pixels, width, height, fromX, fromY, channel);
                }
            }
        }
        return out;
    }

    private static byte bilinear(byte[] pixels, int width, int height, int fromX, int fromY, int channel) {
        int x = fromX >> FRACTION_BITS;
        int y = fromY >> FRACTION_BITS;
        int wx = fromX & (FRACTIONS - 1);
        int wy = fromY & (FRACTIONS - 1);
        int sum = (FRACTIONS - wy)
                        * ((FRACTIONS - wx) * level(pixels, width, height, x, y, channel)
                                + wx * level(pixels, width, height, x + 1, y, channel))
                + wy
                        * ((FRACTIONS - wx) * level(pixels, width, height, x, y + 1, channel)
                                + wx * level(pixels, width, height, x + 1, y + 1, channel));
        int bits = 2 * FRACTION_BITS;
        return (byte) ((sum + (1 << (bits - 1))) >> bits);
    }

    private static int level(byte[] pixels, int width, int height, int x, int y, int channel) {
        return x < 0 || y < 0 || x >= width || y >= height ? BORDER : pixels[3 * (y * width + x) + channel] & 0xff;
    }
}
