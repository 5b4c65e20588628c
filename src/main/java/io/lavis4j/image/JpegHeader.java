package io.lavis4j.image;

import java.util.Arrays;

/**
 * The facts that a JPEG file states before its first scan.
 *
 * @param components per pixel: 1, 3 or 4 in files that can be read
 * @param colours what the components are
 */
record JpegHeader(int width, int height, int components, Colours colours) {

    /** Meanings of a pixel's components. */
    enum Colours {
        GREY,
        RGB,
        YCC,
        CMYK,
        YCCK
    }

    static final int NO_ADOBE = -1;

    /**
     * The conventions of libjpeg.
     *
     * @param ids of the components
     * @param jfif whether the file is marked as JFIF
     * @param adobe the transform of Adobe's mark, {@link #NO_ADOBE} without it
     */
    static Colours colours(int components, byte[] ids, boolean jfif, int adobe) {
        return switch (components) {
            case 1 -> Colours.GREY;
            case 3 -> {
                if (jfif) {
                    yield Colours.YCC;
                }
                boolean rgb = adobe == NO_ADOBE ? Arrays.equals(ids, new byte[] {'R', 'G', 'B'}) : adobe == 0;
                yield rgb ? Colours.RGB : Colours.YCC;
            }
            case 4 -> adobe == NO_ADOBE || adobe == 0 ? Colours.CMYK : Colours.YCCK;
            default ->
                throw new IllegalArgumentException(
                        "its pixels have %d components, expected 1, 3 or 4".formatted(components));
        };
    }
}
