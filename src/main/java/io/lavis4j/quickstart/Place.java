package io.lavis4j.quickstart;

import java.util.Locale;

/** The place in which an image of the corpus was taken. */
enum Place {
    MEADOW(0x5C9650, 0x96C3E1, "on the meadow", "rest"),
    BEACH(0xDEC896, 0x3C82AA, "on the beach", "swim"),
    STREET(0x5F5F64, 0xB4B9BE, "in the street", "shop"),
    DESERT(0x785037, 0xCDAAAF, "in the desert", "ride"),
    GLACIER(0xD7E1EB, 0x96A5B4, "on the glacier", "ski"),
    FAIR(0x282346, 0x0F0F23, "at the fair", "dance");

    private final int ground;
    private final int sky;
    private final String phrase;
    private final String verb;

    Place(int ground, int sky, String phrase, String verb) {
        this.ground = ground;
        this.sky = sky;
        this.phrase = phrase;
        this.verb = verb;
    }

    /** Colour below the horizon; red, green and blue, 8 bits each. */
    int ground() {
        return ground;
    }

    /** Colour above the horizon. */
    int sky() {
        return sky;
    }

    /** With its preposition: {@code on the beach}. */
    String phrase() {
        return phrase;
    }

    /** The thing that people come here to do. */
    String verb() {
        return verb;
    }

    /** As texts have it. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
