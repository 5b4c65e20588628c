package io.lavis4j.io;

/** Checks of what a caller gives. */
public final class Arguments {

    private Arguments() {}

    /**
     * Refuses what does not hold.
     *
     * @param format message with what was expected and what came, see {@link String#format}
     * @throws IllegalArgumentException with the message
     */
    @SuppressWarnings("AnnotateFormatMethod") // the annotation is in no dependency
    public static void require(boolean holds, String format, Object... values) {
        if (!holds) {
            throw new IllegalArgumentException(format.formatted(values));
        }
    }
}
