package io.lavis4j.processor;

/** Single precision rounded to 16 bits as libtorch rounds it: to the nearest, ties to the even one. */
final class Float16 {

    // of single precision
    private static final int MANTISSA_BITS = 23;
    private static final int SIGN = 0x80000000;
    private static final int INFINITY = 0x7f800000;

    // of half precision
    private static final int HALF_MANTISSA_BITS = 10;
    private static final int DROPPED_BITS = MANTISSA_BITS - HALF_MANTISSA_BITS;
    private static final int HALF_INFINITY = 0x7c00;
    private static final int HALF_NAN = 0x7e00;
    private static final int SMALLEST_NORMAL = 0x38800000; // 2^-14
    private static final int BIAS_DIFFERENCE = 127 - 15;
    private static final float SUBNORMALS_PER_ONE = 0x1p24f;

    private static final int BFLOAT_NAN = 0x7fc0;

    private Float16() {}

    /** IEEE half precision; what is too large becomes infinite. */
    static short half(float number) {
        int bits = Float.floatToRawIntBits(number);
        int sign = (bits & SIGN) >>> 16;
        int size = bits & ~SIGN;
        if (size > INFINITY) {
            return (short) (sign | HALF_NAN);
        }
        if (size < SMALLEST_NORMAL) {
            // exact: a multiple of 2^-24 that is rounded to a whole one
            return (short) (sign | (int) Math.rint(Float.intBitsToFloat(size) * (double) SUBNORMALS_PER_ONE));
        }
        int rounded = toEven(size, DROPPED_BITS) - (BIAS_DIFFERENCE << HALF_MANTISSA_BITS);
        return (short) (sign | Math.min(rounded, HALF_INFINITY));
    }

    /** The upper half of single precision. */
    static short bfloat(float number) {
        int bits = Float.floatToRawIntBits(number);
        return (short) ((bits & ~SIGN) > INFINITY ? BFLOAT_NAN : toEven(bits, 16));
    }

    private static int toEven(int bits, int dropped) {
        int odd = (bits >>> dropped) & 1;
        return (bits + (1 << (dropped - 1)) - 1 + odd) >>> dropped;
    }
}
