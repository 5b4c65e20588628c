package io.lavis4j.io;

import java.util.Collection;
import java.util.Comparator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Names in a message: the first few, then how many more there are. */
public final class Listing {

    private static final int USUAL = 20;

    private static final Pattern WHOLE_NUMBER = Pattern.compile("0|[1-9][0-9]*");

    private Listing() {}

    /** Up to 20 names: {@code a, b, c and 5 more}. */
    public static String of(Collection<?> names) {
        return of(names, USUAL);
    }

    /** Up to {@code most} names: {@code a, b, c and 5 more}. */
    public static String of(Collection<?> names, int most) {
        return of(names, most, ", ", " ");
    }

    /** Up to 20 ids in their order, whole numbers by value and then texts: {@code 9, 10, a and 5 more}. */
    public static String ofIds(Collection<String> ids) {
        var order = Comparator.comparingInt(Listing::digits).thenComparing(Comparator.naturalOrder());
        return of(ids.stream().sorted(order).toList());
    }

    /** The digits of a whole number; more than any has for a text. */
    private static int digits(String id) {
        return WHOLE_NUMBER.matcher(id).matches() ? id.length() : Integer.MAX_VALUE;
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
