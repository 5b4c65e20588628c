package io.lavis4j.tokenize;

/** How long the rows of a batch are made; rows that are longer already stay as they are. */
public sealed interface Padding {

    /** Every row keeps its own length. */
    record None() implements Padding {}

    /** Every row gets the length of the longest. */
    record Longest() implements Padding {}

    /**
     * Every row gets one length that is known beforehand.
     *
     * @param length in tokens, special ones included
     */
    record ToLength(int length) implements Padding {
        public ToLength {
            if (length < 1) {
                throw new IllegalArgumentException("expected a padded length of at least 1 token, got " + length);
            }
        }
    }

    /** Tokens in a row of {@code length} after padding, in a batch whose longest row has {@code longest}. */
    default int padded(int length, int longest) {
        if (this instanceof ToLength fixed) {
            return Math.max(length, fixed.length());
        }
        return this instanceof Longest ? longest : length;
    }
}
