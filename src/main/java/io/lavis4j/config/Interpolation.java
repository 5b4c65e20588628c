package io.lavis4j.config;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A text with OmegaConf's {@code ${...}} as it stands in a tree until {@link Resolution} puts its value in its place.
 *
 * @param text as written
 * @param place for messages: file, line and column, or the option
 * @param expression what the text means
 */
record Interpolation(String text, String place, Expression expression) {

    private static final String BEGIN = "${";
    private static final Pattern ESCAPABLE = Pattern.compile("(\\\\*)\\$\\{");

    /**
     * The value of a scalar that may be such a text; where all are escaped, as {@code \${...}}, the text without the
     * escapes.
     *
     * @throws IllegalArgumentException if an interpolation in it cannot be read
     */
    static @Nullable Object of(@Nullable Object scalar, String place) {
        if (!(scalar instanceof String text) || !text.contains(BEGIN)) {
            return scalar;
        }
        var expression = new InterpolationParser(text).text();
        return expression instanceof Expression.Constant constant
                ? constant.value()
                : new Interpolation(text, place, expression);
    }

    /** A text of which {@link #of} makes this very text. */
    static String escaped(String text) {
        return ESCAPABLE.matcher(text).replaceAll("$1$1\\\\\\${");
    }

    @Override
    public String toString() {
        return text;
    }
}
