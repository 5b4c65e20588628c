package io.lavis4j.quickstart;

import java.util.Locale;

/** The colour of an object of the corpus. */
enum Colour {
    RED(0xD62020),
    BLUE(0x2446DC),
    YELLOW(0xF0D628),
    WHITE(0xF5F5F5),
    BLACK(0x161616),
    TEAL(0x14BEBE);

    private final int rgb;

    Colour(int rgb) {
        this.rgb = rgb;
    }

    /** Red, green and blue, 8 bits each. */
    int rgb() {
        return rgb;
    }

    /** As texts have it. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
