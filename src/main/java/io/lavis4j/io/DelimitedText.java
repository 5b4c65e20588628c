package io.lavis4j.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a CSV or TSV file as Python's {@code csv} writes them: a value in quotes may hold separators, line breaks
 * and, doubled, quotes; a quote within any other value is itself. Blank lines are passed over.
 */
public final class DelimitedText {

    private static final Pattern LINE_BREAK = Pattern.compile("\r\n|\n|\r");

    private final Path path;
    private final String[] lines;
    private final CSVParser parser;
    private final Iterator<CSVRecord> rows;
    private int line = 1;

    /** @param path for messages */
    public DelimitedText(Path path, String text, char separator) {
        this.path = path;
        lines = LINE_BREAK.split(text, -1);
        try {
            parser = CSVParser.parse(
                    text, CSVFormat.DEFAULT.builder().setDelimiter(separator).get());
            rows = parser.iterator();
        } catch (IOException e) {
            throw new IllegalStateException("a text in memory can be read", e);
        }
    }

    /** The line, from 1, in which the last row began. */
    public int line() {
        return line;
    }

    /**
     * The values of the next row; {@code null} after the last.
     *
     * @throws IllegalArgumentException if a quote is not closed, or a value goes on after its closing quote
     */
    public @Nullable List<String> next() {
        try {
            do {
                line = (int) parser.getCurrentLineNumber() + 1;
                while (line < lines.length && lines[line - 1].isBlank()) {
                    line++;
                }
                if (!rows.hasNext()) {
                    return null;
                }
                var row = rows.next();
                if (row.size() > 1 || !row.get(0).isBlank()) {
                    return row.toList();
                }
            } while (true);
        } catch (UncheckedIOException e) {
            throw fault(
                    "a quote that opens a value is not closed, or the value goes on after its closing quote; put the"
                            + " whole value in quotes, with \"\" for each in it");
        }
    }

    /** A fault of the last row. */
    public IllegalArgumentException fault(String problem) {
        return new IllegalArgumentException("%s, line %d: %s".formatted(path, line, problem));
    }
}
