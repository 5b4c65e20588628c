package io.lavis4j.io;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Text of the user's files: UTF-8, or UTF-16 or UTF-32, which a byte-order mark or, as in Python's reader of JSON, the
 * zero bytes of the first character tell. The mark is not part of the text. Nothing is replaced: a byte that is not of
 * the encoding is an error that names it and its offset.
 */
public final class TextFile {

    private TextFile() {}

    /**
     * Reads a whole file.
     *
     * @throws UncheckedIOException if it cannot be read, or a byte is not of the encoding
     */
    public static String read(Path path) {
        try (var reader = open(path)) {
            return all(reader);
        } catch (IOException e) {
            throw new UncheckedIOException("%s %s".formatted(path, problem(path, e)), e);
        }
    }

    /**
     * The text that bytes stand for.
     *
     * @throws IOException if one is not of the encoding
     */
    public static String decode(byte[] bytes) throws IOException {
        return all(new TextReader(new ByteArrayInputStream(bytes), false));
    }

    /** Reads a text in pieces; closing the reader closes {@code in}. */
    public static Reader reader(InputStream in) {
        return new TextReader(in, false);
    }

    /**
     * Reads a text in pieces, of which not all may be text: a byte that is not of the encoding is a character of its
     * own, U+DC00 and the byte, half of a pair that no text has alone. Closing the reader closes {@code in}.
     */
    public static Reader escapingReader(InputStream in) {
        return new TextReader(in, true);
    }

    /** Reads a file in pieces; closing the reader closes it. */
    static Reader open(Path path) throws IOException {
        return new TextReader(Files.newInputStream(path), false);
    }

    /** Why a file cannot be read, to follow its name. */
    public static String problem(Path path, IOException e) {
        if (e instanceof NoSuchFileException) {
            return "is not there";
        }
        if (Files.isDirectory(path)) {
            return "is a folder";
        }
        return e instanceof AccessDeniedException
                ? "may not be read; change its permissions"
                : "cannot be read (%s)".formatted(e.getMessage());
    }

    private static String all(Reader reader) throws IOException {
        var text = new StringWriter();
        reader.transferTo(text);
        return text.toString();
    }
}
