package io.lavis4j.processor;

import java.util.Locale;
import java.util.regex.Pattern;

/** Text as Python cuts it: what is white space, and where words end. */
final class Words {

    private static final String WHITESPACE =
            "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";

    /** The characters that text processors take out. */
    static final Pattern PUNCTUATION = Pattern.compile("[.!\"()*#:;~]");

    /** Two or more of what Python's {@code \s} matches, which is more than Unicode's White_Space. */
    private static final Pattern WHITESPACE_RUN = Pattern.compile(WHITESPACE + "{2,}");

    private static final Pattern WHITESPACE_ENDS = Pattern.compile("^%1$s+|%1$s+\\z".formatted(WHITESPACE));

    private Words() {}

    static void requirePositive(int maxWords) {
        if (maxWords < 1) {
            throw new IllegalArgumentException("max_words must be at least 1, got " + maxWords);
        }
    }

    /** Lower case by Unicode's rules, whatever the machine's language. */
    static String lowerCase(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    /** A caption in lower case, its punctuation replaced by spaces, cut to its first words. */
    static String cleaned(String caption, int maxWords) {
        String spaced = PUNCTUATION.matcher(lowerCase(caption)).replaceAll(" ");
        String single = WHITESPACE_RUN.matcher(spaced).replaceAll(" ");
        return first(maxWords, strip(stripTrailing(single, '\n')));
    }

    /** Without what Python takes for white space at both ends. */
    static String stripWhitespace(String text) {
        return WHITESPACE_ENDS.matcher(text).replaceAll("");
    }

    static String stripTrailing(String text, char c) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == c) {
            end--;
        }
        return text.substring(0, end);
    }

    /** Without spaces at both ends; other white space stays. */
    private static String strip(String text) {
        int start = 0;
        while (start < text.length() && text.charAt(start) == ' ') {
            start++;
        }
        return stripTrailing(text.substring(start), ' ');
    }

    /** The first words; a word ends at every single space, so that two spaces enclose an empty word. */
    static String first(int maxWords, String text) {
        int end = -1;
        for (int words = 0; words < maxWords; words++) {
            end = text.indexOf(' ', end + 1);
            if (end < 0) {
                return text;
            }
        }
        return text.substring(0, end);
    }
}
