package io.lavis4j.quickstart;

import java.util.Locale;

/** Outlines of objects; clues name them, inferences do not depend on them. */
enum Shape {
    BALL,
    BOX,
    TENT,
    KITE;

    /** As texts have it. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Whether a point lies inside.
     *
     * @param dx from the centre to the right, in units of the radius
     * @param dy from the centre downwards, in units of the radius
     */
    boolean covers(double dx, double dy) {
        return switch (this) {
            case BALL -> dx * dx + dy * dy <= 1;
            case BOX -> Math.abs(dx) <= 0.9 && Math.abs(dy) <= 0.9;
            case TENT -> dy <= 0.9 && dy >= 2 * Math.abs(dx) - 1;
            case KITE -> Math.abs(dx) / 0.9 + Math.abs(dy) <= 1.1;
        };
    }
}
