package io.lavis4j.io;

import java.util.Collection;
import java.util.stream.Collectors;

/** Names in a message: the first few, then how many more there are. */
public final class Listing {

    private static final int USUAL = 20;

    private Listing() {}

    /** Up to 20 names: {@code a, b, c and 5 more}. */
    public static String of(Collection<?> names) {
        return of(names, USUAL);
    }

    /** Up to {@code most} names: {@code a, b, c and 5 more}. */
    public static String of(Collection<?> names, int most) {
        return of(names, most, ", ", " ");
    }

    /** Each thing on an indented line of its own, as the last line how many more there are. */
    public static String lines(Collection<?> things, int most) {
        return "\n  " + of(things, most, "\n  ", "\n  ");
    }

    /** Up to {@code most} things that have commas in them: {@code a, b; c, d and 5 more}. */
    public static String ofClauses(Collection<?> things, int most) {
        return of(things, most, "; ", " ");
    }

    private static String of(Collection<?> names, int most, String between, String beforeAnd) {
        String first = names.stream().limit(most).map(String::valueOf).collect(Collectors.joining(between));
        int more = names.size() - most;
        return more > 0 ? "%s%sand %d more".formatted(first, beforeAnd, more) : first;
    }
}
