package io.lavis4j.tokenize;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * A token that is found in text as it stands, before anything else is done to the text.
 *
 * @param content the token
 * @param takesLeft whether white space before it vanishes
 * @param takesRight whether white space after it vanishes
 */
record NoSplit(String content, boolean takesLeft, boolean takesRight) {

    NoSplit {
        if (content.isEmpty()) {
            throw new IllegalArgumentException("expected a special token, got an empty one");
        }
    }

    /**
     * Reads the token from a hub file.
     *
     * @param node the token alone, or an object that says what happens to the white space around it
     * @param bareTakesSpace whether white space around a token that stands alone vanishes
     */
    static NoSplit of(JsonNode node, boolean bareTakesSpace) {
        if (node.isTextual()) {
            return new NoSplit(node.textValue(), bareTakesSpace, bareTakesSpace);
        }
        return new NoSplit(
                node.path("content").asText(),
                node.path("lstrip").asBoolean(),
                node.path("rstrip").asBoolean());
    }

    /** The one that holds of two with the same content: the later, unless it takes all white space. */
    NoSplit or(NoSplit later) {
        return later.takesLeft && later.takesRight ? this : later;
    }

    /** The rest of the text between two such tokens, of which either may be missing. */
    static String between(@Nullable NoSplit before, String text, @Nullable NoSplit after) {
        int from = 0;
        int to = text.length();
        if (before != null && before.takesRight) {
            while (from < to && isSpace(text.charAt(from))) {
                from++;
            }
        }
        if (after != null && after.takesLeft) {
            while (to > from && isSpace(text.charAt(to - 1))) {
                to--;
            }
        }
        return text.substring(from, to);
    }

    /** White space as Python's {@code str.strip} understands it. */
    private static boolean isSpace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
    }
}
