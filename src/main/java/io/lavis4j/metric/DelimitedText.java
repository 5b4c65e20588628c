package io.lavis4j.metric;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a CSV or TSV file as Python's {@code csv} writes them: a value in quotes may hold separators, line breaks
 * and, doubled, quotes; a quote within any other value is itself. Blank lines are passed over.
 */
final class DelimitedText {

    private final Path path;
    private final String text;
    private final char separator;
    private int at;
    private int line = 1;
    private int rowLine = 1;

    /** @param path for messages */
    DelimitedText(Path path, String text, char separator) {
        this.path = path;
        this.text = text;
        this.separator = separator;
    }

    /** The line, from 1, in which the last row began. */
    int line() {
        return rowLine;
    }

    /**
     * The values of the next row; {@code null} after the last.
     *
     * @throws IllegalArgumentException if a quote is not closed, or a value goes on after its closing quote
     */
    @Nullable
    List<String> next() {
        while (at < text.length()) {
            rowLine = line;
            var row = new ArrayList<String>();
            do {
                row.add(at < text.length() && text.charAt(at) == '"' ? quoted() : plain());
            } while (passSeparator());
            passLineBreak();
            if (row.size() > 1 || !row.get(0).isBlank()) {
                return row;
            }
        }
        return null;
    }

    private boolean passSeparator() {
        boolean there = at < text.length() && text.charAt(at) == separator;
        at += there ? 1 : 0;
        return there;
    }

    private void passLineBreak() {
        if (at < text.length()) {
            at += text.startsWith("\r\n", at) ? 2 : 1;
            line++;
        }
    }

    private boolean isLineBreak() {
        return text.charAt(at) == '\n' || text.charAt(at) == '\r';
    }

    private String plain() {
        int from = at;
        while (at < text.length() && text.charAt(at) != separator && !isLineBreak()) {
            at++;
        }
        return text.substring(from, at);
    }

    private String quoted() {
        var value = new StringBuilder();
        int from = ++at;
        for (; at < text.length(); at++) {
            if (text.charAt(at) == '"') {
                value.append(text, from, at);
                if (!text.startsWith("\"\"", at)) {
                    at++;
                    requireEndOfValue();
                    return value.toString();
                }
                from = ++at;
            } else if (isLineBreak() && !text.startsWith("\r\n", at)) {
                line++;
            }
        }
        throw fault("a quote that opens a value is not closed; close it, or write \"\" for the quote itself");
    }

    private void requireEndOfValue() {
        int from = at;
        String rest = plain();
        if (!rest.isBlank()) {
            at = from;
            throw fault("\"%.20s\" comes after a closing quote; put the whole value in quotes, with \"\" for each in it"
                    .formatted(rest.strip()));
        }
    }

    /** A fault of the last row. */
    IllegalArgumentException fault(String problem) {
        return new IllegalArgumentException("%s, line %d: %s".formatted(path, rowLine, problem));
    }
}
