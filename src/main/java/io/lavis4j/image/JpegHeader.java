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

    private static final int NO_ADOBE = -1;
    private static final byte[] JFIF = {'J', 'F', 'I', 'F', 0};
    private static final byte[] ADOBE = {'A', 'd', 'o', 'b', 'e'};

    /**
     * Reads the segments up to the frame header.
     *
     * @throws IllegalArgumentException if there is none
     */
    static JpegHeader of(byte[] file) {
        boolean jfif = false;
        int adobe = NO_ADOBE;
        int at = 2;
        while (at + 4 <= file.length) {
            if (file[at] != (byte) 0xff) {
                at++; // as libjpeg does, garbage between segments is passed over
                continue;
            }
            int marker = file[at + 1] & 0xff;
            if (marker == 0xff || marker == 0 || marker == 1 || (marker >= 0xd0 && marker <= 0xd8)) {
                at += marker == 0xff ? 1 : 2;
                continue;
            }
            int start = at + 4;
            int end = at + 2 + word(file, at + 2);
            if (marker == 0xd9 || marker == 0xda || end > file.length || end < start) {
                break;
            }
            if (isFrame(marker) && end - start >= 6) {
                return of(file, start, end, jfif, adobe);
            }
            if (marker == 0xe0 && startsWith(file, start, end, JFIF)) {
                jfif = true;
            } else if (marker == 0xee && end - start >= 12 && startsWith(file, start, end, ADOBE)) {
                adobe = file[start + 11] & 0xff;
            }
            at = end;
        }
        throw new IllegalArgumentException("it ends, or its pixels begin, before the header that gives its size");
    }

    private static JpegHeader of(byte[] file, int start, int end, boolean jfif, int adobe) {
        int components = file[start + 5] & 0xff;
        byte[] ids = new byte[components];
        for (int i = 0; i < components && start + 6 + 3 * i < end; i++) {
            ids[i] = file[start + 6 + 3 * i];
        }
        return new JpegHeader(
                word(file, start + 3), word(file, start + 1), components, colours(components, ids, jfif, adobe));
    }

    /** The conventions of libjpeg. */
    private static Colours colours(int components, byte[] ids, boolean jfif, int adobe) {
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

    /** Start of frame, of whatever coding. */
    private static boolean isFrame(int marker) {
        return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    }

    private static boolean startsWith(byte[] file, int start, int end, byte[] prefix) {
        return end - start >= prefix.length
                && Arrays.equals(file, start, start + prefix.length, prefix, 0, prefix.length);
    }

    private static int word(byte[] file, int at) {
        return (file[at] & 0xff) << 8 | (file[at + 1] & 0xff);
    }
}
