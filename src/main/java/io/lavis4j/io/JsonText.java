package io.lavis4j.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/** JSON as text. A key that occurs twice in an object, and anything after the value, are errors. */
public final class JsonText {

    /** JSON as its standard has it. */
    static final JsonMapper STANDARD = mapper(false);

    /** JSON as Python writes it: {@code NaN} and {@code Infinity} are numbers. */
    static final JsonMapper PYTHON = mapper(true);

    private static final ObjectReader WHOLE = whole(STANDARD);
    private static final ObjectReader WHOLE_PYTHON = whole(PYTHON);

    private JsonText() {}

    private static JsonMapper mapper(boolean nan) {
        var factory = JsonFactory.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .configure(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS, nan)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxStringLength(Integer.MAX_VALUE)
                        .maxNameLength(Integer.MAX_VALUE)
                        .build())
                .build();
        return JsonMapper.builder(factory)
                .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET) // it is synced first
                .build();
    }

    private static ObjectReader whole(JsonMapper mapper) {
        return mapper.reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    }

    /** A tree, map, list or record on one line. */
    public static String of(Object value) {
        try {
            return STANDARD.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("%s cannot be JSON".formatted(value.getClass()), e);
        }
    }

    /** The only value of a text. */
    public static JsonNode parse(String text) throws JsonProcessingException {
        return WHOLE.readTree(text);
    }

    /** The only value of a text in UTF-8. */
    public static JsonNode parse(byte[] text) throws IOException {
        return WHOLE.readTree(text);
    }

    /** The only value of a text in UTF-8 that Python may have written: {@code NaN} and {@code Infinity} are numbers. */
    public static JsonNode parsePython(byte[] text) throws IOException {
        return WHOLE_PYTHON.readTree(text);
    }
}
