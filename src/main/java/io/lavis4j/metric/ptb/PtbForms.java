package io.lavis4j.metric.ptb;

/** Writes tokens the way the Penn Treebank does. */
final class PtbForms {

    private static final String NAMED = "()[]{}";
    private static final String[] NAMES = {"-LRB-", "-RRB-", "-LSB-", "-RSB-", "-LCB-", "-RCB-"};

    private PtbForms() {}

    /** The token {@code text[from, to)} as it is written, empty if it is not. */
    static String write(PtbRule.Form form, String text, int from, int to) {
        return switch (form) {
            case NONE -> "";
            case RAW -> raw(text.substring(from, to));
            case TEXT -> text(text.substring(from, to));
            case QUOTES -> quotes(text.substring(from, to));
            case OPENING_QUOTES -> "``";
            case CLOSING_QUOTES -> "''";
            case OPENING_QUOTE -> "`";
            case DASH -> "--";
            case ELLIPSIS -> "...";
            case FRACTION -> fraction(text.charAt(from));
            case DOLLAR -> "$";
            case POUND -> "#";
            case CENTS -> "cents";
            case ENTITY ->
                text.substring(from, to)
                        .replaceAll("(?i)&amp;", "&")
                        .replaceAll("(?i)&lt;", "<")
                        .replaceAll("(?i)&gt;", ">");
        };
    }

    private static String raw(String token) {
        return token.replace(' ', '\u00A0');
    }

    private static String text(String token) {
        for (int i = 0; i < token.length(); i++) {
            char c = token.charAt(i);
            if (c == ' ' || c == '\u00AD' || NAMED.indexOf(c) >= 0) {
                return rewritten(token);
            }
        }
        return token;
    }

    private static String rewritten(String token) {
        var written = new StringBuilder();
        for (int i = 0; i < token.length(); i++) {
            char c = token.charAt(i);
            int named = NAMED.indexOf(c);
            if (named >= 0 && (token.length() == 1 || named < 2)) {
                written.append(NAMES[named]);
            } else if (c != '\u00AD') {
                written.append(c == ' ' ? '\u00A0' : c);
            }
        }
        return written.length() == 0 ? "-" : written.toString();
    }

    private static String quotes(String token) {
        var ascii = new StringBuilder();
        var plain = token.replace("&apos;", "'");
        for (int i = 0; i < plain.length(); i++) {
            char c = plain.charAt(i);
            switch (c) {
                case '‘', '‛', '‹', '\u0091' -> ascii.append('`');
                case '’', '›', '\u0092' -> ascii.append('\'');
                case '“', '«', '\u0093' -> ascii.append("``");
                case '”', '»', '\u0094' -> ascii.append("''");
                default -> ascii.append(c);
            }
        }
        return ascii.toString();
    }

    private static String fraction(char c) {
        return switch (c) {
            case '¼' -> "1/4";
            case '½' -> "1/2";
            case '¾' -> "3/4";
            case '⅓' -> "1/3";
            default -> "2/3";
        };
    }
}
