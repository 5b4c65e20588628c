package io.lavis4j.metric;

/** White space as Python's {@code str.split()} sees it: that of Unicode, no-break spaces and separators included. */
public final class WhiteSpace {

    private WhiteSpace() {}

    public static boolean is(char c) {
        if (c <= ' ') {
            return c == ' ' || (c >= '\t' && c <= '\r') || c >= 0x1C;
        }
        return c >= 0x85 && (c == 0x85 || Character.isSpaceChar(c));
    }

    /** The first position from {@code from} on that is not white space. */
    public static int skip(String text, int from) {
        int i = from;
        while (i < text.length() && is(text.charAt(i))) {
            i++;
        }
        return i;
    }

    /** The first position from {@code from} on that is white space, or the end. */
    public static int find(String text, int from) {
        int i = from;
        while (i < text.length() && !is(text.charAt(i))) {
            i++;
        }
        return i;
    }
}
