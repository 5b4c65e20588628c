package io.lavis4j.image;

/**
 * Colours by index, 256 of them; those that a file does not give are black.
 *
 * @param levels (256, 3), red, green, blue
 */
record Palette(byte[] levels) {

    static final int COLOURS = 256;

    Palette() {
        this(new byte[3 * COLOURS]);
    }

    /** Each index is its own level of grey. */
    static Palette grey() {
        var grey = new Palette();
        for (int i = 0; i < COLOURS; i++) {
            grey.set(i, i, i, i);
        }
        return grey;
    }

    void set(int index, int red, int green, int blue) {
        levels[3 * index] = (byte) red;
        levels[3 * index + 1] = (byte) green;
        levels[3 * index + 2] = (byte) blue;
    }

    /** Whether each of the first colours is the grey of its index. */
    boolean isGrey(int colours) {
        for (int i = 0; i < 3 * colours; i++) {
            if ((levels[i] & 0xff) != i / 3) {
                return false;
            }
        }
        return true;
    }

    /** The colours of indices, (pixels, 3). */
    byte[] rgb(byte[] indices) {
        byte[] rgb = new byte[3 * indices.length];
        for (int i = 0; i < indices.length; i++) {
            System.arraycopy(levels, 3 * (indices[i] & 0xff), rgb, 3 * i, 3);
        }
        return rgb;
    }
}
