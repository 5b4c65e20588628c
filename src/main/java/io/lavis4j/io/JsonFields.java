package io.lavis4j.io;

import static io.lavis4j.io.Arguments.require;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A record from the fields of a JSON object: components are fields in snake case, enum constants their names in any
 * case. A field that is absent or null has a default, others that the record does not have are passed over.
 */
public final class JsonFields {

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final String what;
    private final ObjectNode fields = MAPPER.createObjectNode();

    private JsonFields(String what) {
        this.what = what;
    }

    /** @param what the object is, for messages: {@code OPT config} */
    public static JsonFields of(String what, JsonNode json) {
        var fields = new JsonFields(what);
        json.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
        return fields;
    }

    /** A record with other values of some components, which are named in snake case. */
    public static <R extends Record> R with(R record, Map<String, ?> changes) {
        return of(record.getClass().getSimpleName(), MAPPER.valueToTree(changes))
                .read(record);
    }

    /** A field; a missing node if it is absent or null. */
    public JsonNode get(String field) {
        return fields.path(field);
    }

    /** Gives a field another value, unless this is absent or null. */
    public JsonFields put(String field, JsonNode value) {
        if (!value.isMissingNode() && !value.isNull()) {
            fields.set(field, value);
        }
        return this;
    }

    /** Gives a field that is absent the value of another one. */
    public JsonFields orElse(String field, String other) {
        return fields.has(field) ? this : put(field, get(other));
    }

    /**
     * Refuses a field that is there with another value.
     *
     * @throws IllegalArgumentException with the field, the value and what was expected
     */
    public JsonFields requireIfPresent(String field, String expected) {
        String found = get(field).asText(expected);
        require(found.equals(expected), "%s: expected %s %s, got %s", what, field, expected, found);
        return this;
    }

    /**
     * The record.
     *
     * @param defaults of absent fields
     * @throws IllegalArgumentException if a field has another type than its component, or the record refuses its value
     */
    @SuppressWarnings("unchecked") // the class of a record of type R
    public <R extends Record> R read(R defaults) {
        try {
            ObjectNode all = MAPPER.valueToTree(defaults);
            return (R) MAPPER.treeToValue(all.setAll(fields), defaults.getClass());
        } catch (MismatchedInputException e) {
            throw new IllegalArgumentException(mismatch(e), e);
        } catch (JsonProcessingException e) {
            throw e.getCause() instanceof IllegalArgumentException refused ? refused : new IllegalArgumentException(e);
        }
    }

    private String mismatch(MismatchedInputException e) {
        String field = e.getPath().stream()
                .map(JsonMappingException.Reference::getFieldName)
                .collect(Collectors.joining("."));
        Class<?> type = e.getTargetType();
        String expected = type.isEnum()
                ? Arrays.stream(type.getEnumConstants())
                        .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(" or "))
                : "a value of type " + type.getSimpleName();
        return "%s: expected %s as %s, got %s".formatted(what, field, expected, get(field));
    }
}
