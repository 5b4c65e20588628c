package io.lavis4j.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.function.ObjIntConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A file of JSON objects, one a line. A line is one write, so that the lines of a killed process are whole.
 *
 * @param file which need not be there yet
 */
public record JsonLines(Path file) {

    /**
     * Appends an object; NaN and infinite numbers become {@code null}.
     *
     * @throws UncheckedIOException if the file cannot be written
     */
    public void append(Map<String, ?> object) {
        var line = StandardCharsets.UTF_8.encode(JsonText.of(object) + "\n");
        try (var out = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            AtomicFile.writeFully(out, line);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "%s cannot be written (%s); is the disk full?".formatted(file.toAbsolutePath(), e), e);
        }
    }

    /**
     * Passes the values of the lines on with the numbers of these, from 1; blank lines are passed over.
     *
     * @param expected for messages: {@code a file of JSON objects, one a line}
     * @return how many there are
     * @throws UncheckedIOException if the file cannot be read, or a line is not JSON
     */
    public int each(String expected, ObjIntConsumer<JsonNode> consumer) {
        int count = 0, line = 0;
        try (var text = new BufferedReader(TextFile.open(file))) {
            for (String content = text.readLine(); content != null; content = text.readLine()) {
                line++;
                if (!content.isBlank()) {
                    consumer.accept(JsonText.parse(content), line);
                    count++;
                }
            }
            return count;
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(
                    "%s, line %d: %s; expected %s"
                            .formatted(file.toAbsolutePath(), line, JsonStream.problem(e), expected),
                    e);
        } catch (NoSuchFileException e) {
            throw new UncheckedIOException(
                    "%s is not there; expected %s".formatted(file.toAbsolutePath(), expected), e);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "%s %s; expected %s".formatted(file.toAbsolutePath(), TextFile.problem(file, e), expected), e);
        }
    }

    /**
     * Cuts off the first line that is not to be kept, or was not written whole, and all lines after it.
     *
     * @throws UncheckedIOException if the file is there and cannot be read or cut
     */
    public void keepWhile(Predicate<JsonNode> kept) {
        if (!Files.exists(file)) {
            return;
        }
        try (var out = FileChannel.open(file, StandardOpenOption.WRITE)) {
            out.truncate(length(Files.readAllBytes(file), kept));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "%s cannot be cut back (%s); let it be read and written".formatted(file.toAbsolutePath(), e), e);
        }
    }

    /** Bytes of the lines that are kept. */
    private static int length(byte[] bytes, Predicate<JsonNode> kept) {
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                var object = parsed(Arrays.copyOfRange(bytes, start, i));
                if (object == null || !kept.test(object)) {
                    return start;
                }
                start = i + 1;
            }
        }
        return start;
    }

    private static @Nullable JsonNode parsed(byte[] line) {
        try {
            var value = JsonText.parse(line);
            return value.isObject() ? value : null;
        } catch (IOException e) {
            return null; // the disk was full, or the machine stopped
        }
    }
}
