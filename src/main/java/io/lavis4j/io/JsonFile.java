package io.lavis4j.io;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A file that holds one JSON value, by the rules of {@link JsonStream}.
 *
 * <p>Every error is an {@link UncheckedIOException} that names the file, the place in it, what was found and expected,
 * and what to do.
 */
public final class JsonFile {

    private final Path path;
    private final String expected;

    private JsonFile(Path path, String expected) {
        this.path = path;
        this.expected = expected;
    }

    /** @param expected for messages: {@code a JSON list of instances} */
    public static JsonFile of(Path path, String expected) {
        return new JsonFile(path, expected);
    }

    /**
     * Writes a tree, map, list or record on one line; the file is replaced in one step.
     *
     * @throws UncheckedIOException if it cannot be written
     */
    public static void write(Path path, Object value) {
        AtomicFile.write(path, out -> JsonText.MAPPER.writeValue(Channels.newOutputStream(out), value));
    }

    /** Any value. */
    public JsonNode tree() {
        return read(null, JsonParser::readValueAsTree);
    }

    /** An object; anything else is an error. */
    public ObjectNode object() {
        return read(JsonToken.START_OBJECT, JsonParser::readValueAsTree);
    }

    /** A list; anything else is an error. */
    public ArrayNode list() {
        return read(JsonToken.START_ARRAY, JsonParser::readValueAsTree);
    }

    /**
     * Passes the elements of a list on with their indices, one after the other, so that only one is in memory.
     *
     * @return how many there are
     */
    public int elements(ObjIntConsumer<JsonNode> consumer) {
        return read(JsonToken.START_ARRAY, parser -> {
            int index = 0;
            for (; parser.nextToken() != JsonToken.END_ARRAY; index++) {
                consumer.accept(parser.readValueAsTree(), index);
            }
            return index;
        });
    }

    /**
     * Passes the elements of the list under a key of an object on, as {@link #elements(ObjIntConsumer)}; other fields
     * are passed over.
     *
     * @return how many there are, 0 without such a list
     */
    public int elements(String key, ObjIntConsumer<JsonNode> consumer) {
        return read(JsonToken.START_OBJECT, parser -> {
            int count = 0;
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean asked = parser.currentName().equals(key);
                boolean list = parser.nextToken() == JsonToken.START_ARRAY;
                for (; asked && list && parser.nextToken() != JsonToken.END_ARRAY; count++) {
                    consumer.accept(parser.readValueAsTree(), count);
                }
                parser.skipChildren(); // of another value; after a list there is none left
            }
            return count;
        });
    }

    /** Whether its value is an object. */
    public boolean isObject() {
        try (var text = TextFile.open(path);
                var parser = JsonText.MAPPER.createParser(text)) {
            return JsonStream.start(parser) == JsonToken.START_OBJECT;
        } catch (IOException e) {
            return false; // whoever reads it is told
        }
    }

    /** Passes the fields of an object on, one after the other, so that only one is in memory. */
    public void fields(BiConsumer<String, JsonNode> consumer) {
        read(JsonToken.START_OBJECT, parser -> {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                consumer.accept(name, parser.readValueAsTree());
            }
            return true;
        });
    }

    /** Reads from the first token of the value to its last. */
    private interface Body<T> {
        T read(JsonParser parser) throws IOException;
    }

    private <T> T read(@Nullable JsonToken first, Body<T> body) {
        try (var text = TextFile.open(path);
                var parser = JsonText.MAPPER.createParser(text)) {
            var token = JsonStream.start(parser);
            if (first != null && token != first) {
                throw JsonStream.found(parser, "at the start");
            }
            T value = body.read(parser);
            JsonStream.requireEnd(parser);
            return value;
        } catch (JsonProcessingException e) {
            throw unreadable("%s: %s".formatted(JsonStream.place(e), JsonStream.problem(e)), e);
        } catch (NoSuchFileException e) {
            throw new UncheckedIOException(
                    "%s is not there; expected %s".formatted(path.toAbsolutePath(), expected), e);
        } catch (IOException e) {
            throw unreadable(" " + TextFile.problem(path, e), e);
        }
    }

    private UncheckedIOException unreadable(String problem, IOException cause) {
        return new UncheckedIOException(
                "%s%s; expected %s; check that the file is whole and unpacked"
                        .formatted(path.toAbsolutePath(), problem, expected),
                cause);
    }
}
