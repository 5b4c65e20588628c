package io.lavis4j.metric.ptb;

/**
 * One kind of token.
 *
 * @param expression its form, in the notation of {@link Nfa}
 * @param context text that must follow, part of the match but not of the token
 * @param end characters of {@code context}, or one of the constants
 * @param form how the token is written
 * @param ignoreCase for ASCII letters
 */
record PtbRule(String expression, String context, int end, Form form, boolean ignoreCase) {

    /** The token ends before the last apostrophe, or the letter n before it. */
    static final int AT_CLITIC = -1;

    /** The token ends where white space starts; the full stop at its end is read again as a token of its own. */
    static final int FULL_STOP_AGAIN = -2;

    /** The token ends before the full stop where white space starts. */
    static final int NO_FULL_STOP = -3;

    /** How a token is written. */
    enum Form {
        /** Not at all. */
        NONE,
        /** As in the text, blanks as no-break spaces. */
        RAW,
        /** As {@link #RAW}, without soft hyphens and with the names of brackets. */
        TEXT,
        /** With apostrophes and quotes in ASCII, as in LaTeX. */
        QUOTES,
        OPENING_QUOTES,
        CLOSING_QUOTES,
        OPENING_QUOTE,
        DASH,
        ELLIPSIS,
        FRACTION,
        DOLLAR,
        POUND,
        CENTS,
        /** HTML's entities resolved. */
        ENTITY
    }

    static PtbRule of(String expression, Form form) {
        return new PtbRule(expression, "", 0, form, true);
    }

    static PtbRule text(String expression) {
        return of(expression, Form.TEXT);
    }

    static PtbRule raw(String expression) {
        return of(expression, Form.RAW);
    }

    static PtbRule quotes(String expression) {
        return of(expression, Form.QUOTES);
    }

    static PtbRule caseMatters(String expression, Form form) {
        return new PtbRule(expression, "", 0, form, false);
    }

    PtbRule before(String following, int length) {
        return new PtbRule(expression, following, length, form, ignoreCase);
    }

    PtbRule beforeClitic(String following) {
        return before(following, AT_CLITIC);
    }

    /** A character without which nothing matches, or nothing. */
    String needs() {
        return expression.contains("*@") ? "@" : "";
    }

    /** The expression with its context. */
    String whole() {
        return "(" + expression + ")(" + context + ")";
    }

    /** The end of the token, for a match of {@code text[from, to)}. */
    int tokenEnd(CharSequence text, int from, int to) {
        return switch (end) {
            case AT_CLITIC -> clitic(text, to);
            case FULL_STOP_AGAIN, NO_FULL_STOP -> {
                int i = from;
                while (i < to && !isBlank(text.charAt(i))) {
                    i++;
                }
                yield end == NO_FULL_STOP ? i - 1 : i;
            }
            default -> to - end;
        };
    }

    private static int clitic(CharSequence text, int to) {
        int i = to - 1;
        while (isLetter(text.charAt(i))) {
            i--;
        }
        if (text.charAt(i) == ';') {
            i -= "&apos".length();
        }
        char before = text.charAt(i - 1);
        boolean negation = i + 1 < to && (text.charAt(to - 1) == 't' || text.charAt(to - 1) == 'T');
        return negation && (before == 'n' || before == 'N') ? i - 1 : i;
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    /** Whether Python takes a character for white space. */
    static boolean isBlank(char c) {
        return Character.isSpaceChar(c) || Character.isWhitespace(c) || c == '\u0085';
    }
}
