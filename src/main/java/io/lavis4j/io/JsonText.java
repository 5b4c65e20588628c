package io.lavis4j.io;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** JSON as text, by the rules of {@link JsonStream}. */
public final class JsonText {

    static final JsonMapper MAPPER = new JsonMapper(JsonStream.FACTORY);

    private JsonText() {}

    /** A tree, map, list or record on one line. */
    public static String of(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("%s cannot be JSON".formatted(value.getClass()), e);
        }
    }

    /**
     * The only value of a text.
     *
     * @throws JsonProcessingException whose original message is {@link JsonStream#problem}
     */
    public static JsonNode parse(String text) throws JsonProcessingException {
        try (var parser = MAPPER.createParser(text)) {
            JsonStream.start(parser);
            JsonNode value = parser.readValueAsTree();
            JsonStream.requireEnd(parser);
            return value;
        } catch (JsonProcessingException e) {
            throw new JsonParseException(null, JsonStream.problem(e), e.getLocation(), e);
        } catch (IOException e) {
            throw new IllegalStateException("a text in memory can be read", e);
        }
    }

    /**
     * The only value of a text in bytes.
     *
     * @throws JsonProcessingException as {@link #parse(String)}
     * @throws IOException if a byte is not of the encoding
     */
    public static JsonNode parse(byte[] text) throws IOException {
        return parse(TextFile.decode(text));
    }

    /**
     * The record that {@link #of} was given.
     *
     * @throws JsonProcessingException if the text is not of such a record
     */
    public static <R extends Record> R parse(String text, Class<R> type) throws JsonProcessingException {
        return MAPPER.readValue(text, type);
    }

    /** A value for a message that says what was found: {@code NaN} is a number here, and nothing is {@code missing}. */
    public static String found(JsonNode value) {
        return value.isMissingNode() ? "missing" : value.isNumber() ? value.asText() : value.toString();
    }

    /** Whether a value is a number that can be computed with: neither NaN nor infinite. */
    public static boolean isFinite(JsonNode value) {
        return value.isNumber() && Double.isFinite(value.doubleValue());
    }

    /** Whether a text has bytes: Python's JSON and ours may hold half a pair of surrogates, which has none. */
    public static boolean isWhole(String text) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }
}
