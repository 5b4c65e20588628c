package io.lavis4j.metric;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lavis4j.io.JsonStream;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON by the rules of {@link JsonStream} as strings, numbers, booleans, lists and maps. */
final class PlainJson {

    /** In the place of {@code null}. */
    static final Object NULL = named("null");

    /** For a key that is not there. */
    static final Object NOTHING = named("nothing");

    private PlainJson() {}

    private static Object named(String name) {
        return new Object() {
            @Override
            public String toString() {
                return name;
            }
        };
    }

    /** The only value of a text. */
    static Object read(String text) throws IOException {
        try (var parser = JsonStream.parser(text)) {
            JsonStream.start(parser);
            Object value = value(parser);
            JsonStream.requireEnd(parser);
            return value;
        }
    }

    /** Whether an object has a key; the text after it need not be sound. */
    static boolean hasKey(String text, String key) throws IOException {
        if (!text.contains('"' + key + '"')) {
            return false;
        }
        try (var parser = JsonStream.parser(text)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                if (parser.currentName().equals(key)) {
                    return true;
                }
                parser.nextToken();
                parser.skipChildren();
            }
            return false;
        }
    }

    static boolean isIntegral(Object value) {
        return value instanceof Integer || value instanceof Long || value instanceof BigInteger;
    }

    /** The value that starts at the current token; the parser is left at its end. */
    static Object value(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> fields(parser);
            case START_ARRAY -> elements(parser);
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> NULL;
            default -> throw new JsonParseException(parser, "unexpected " + parser.currentToken());
        };
    }

    private static Map<String, Object> fields(JsonParser parser) throws IOException {
        var fields = new LinkedHashMap<String, Object>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            parser.nextToken();
            fields.put(key, value(parser));
        }
        return fields;
    }

    private static List<Object> elements(JsonParser parser) throws IOException {
        var elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            elements.add(value(parser));
        }
        return elements;
    }
}
