package io.lavis4j.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The checked header of a safetensors file.
 *
 * @param tensors in the order of the file
 * @param metadata the free strings under {@code __metadata__}
 */
record SafeTensorsHeader(Map<String, Entry> tensors, Map<String, String> metadata) {
    static final String METADATA = "__metadata__";
    private static final int LENGTH_BYTES = 8;
    private static final int MAX_HEADER_BYTES = 100_000_000; // the format's limit
    private static final int MAX_DIMENSIONS = 64;

    /**
     * One tensor's place.
     *
     * @param begin first byte, from the start of the file
     * @param end byte after the last
     */
    record Entry(ElementType type, List<Long> shape, long begin, long end) {}

    SafeTensorsHeader {
        tensors = Collections.unmodifiableMap(tensors);
        metadata = Collections.unmodifiableMap(metadata);
    }

    /** Reads and checks the header; no tensor data is touched. */
    static SafeTensorsHeader read(MappedFile file) {
        if (file.size < LENGTH_BYTES) {
            throw file.damaged("expected 8 bytes of safetensors header length, got %d bytes", file.size);
        }
        long length = file.read(0, LENGTH_BYTES).getLong();
        if (length < 2 || length > MAX_HEADER_BYTES) {
            throw file.bad(
                    "expected a safetensors header of 2 to %d bytes, as the format has it, got %s",
                    MAX_HEADER_BYTES, Long.toUnsignedString(length));
        }
        if (length > file.size - LENGTH_BYTES) {
            throw file.damaged("safetensors header of %d bytes in a file of %d bytes", length, file.size);
        }
        long dataStart = LENGTH_BYTES + length;
        var json = Json.object(file, "safetensors header", file.read(LENGTH_BYTES, length));
        var tensors = new LinkedHashMap<String, Entry>();
        var metadata = new LinkedHashMap<String, String>();
        for (var field : json.properties()) {
            if (field.getKey().equals(METADATA)) {
                field.getValue()
                        .properties()
                        .forEach(e -> metadata.put(e.getKey(), e.getValue().asText()));
            } else {
                tensors.put(field.getKey(), entry(file, field.getKey(), field.getValue(), dataStart));
            }
        }
        checkPacking(file, tensors, dataStart);
        return new SafeTensorsHeader(tensors, metadata);
    }

    private static Entry entry(MappedFile file, String name, JsonNode node, long dataStart) {
        var type = ElementType.ofSafetensors(node.path("dtype").asText());
        if (type == null) {
            throw file.bad(
                    "tensor %s: expected a dtype among %s, got %s; convert it to one of these",
                    name, Arrays.toString(ElementType.values()), node.path("dtype"));
        }
        var shape = naturals(node.path("shape"));
        var place = naturals(node.path("data_offsets"));
        if (shape == null || shape.size() > MAX_DIMENSIONS || place == null || place.size() != 2) {
            throw file.damaged(
                    "tensor %s: expected a shape and two data_offsets, got %s and %s",
                    name, node.path("shape"), node.path("data_offsets"));
        }
        long begin = place.get(0);
        long end = place.get(1);
        if (begin > end || end > file.size - dataStart) {
            throw file.damaged(
                    "tensor %s: data_offsets [%d, %d] do not fit the %d bytes of data in the file",
                    name, begin, end, file.size - dataStart);
        }
        long bytes = Shapes.bytes(shape, type);
        if (bytes != end - begin) {
            throw file.damaged(
                    "tensor %s: %s of shape %s needs %s bytes, data_offsets [%d, %d] give it %d",
                    name, type, shape, bytes < 0 ? "more than 2^63" : bytes, begin, end, end - begin);
        }
        return new Entry(type, shape, dataStart + begin, dataStart + end);
    }

    /** The format allows neither gaps nor overlaps nor bytes after the last tensor. */
    private static void checkPacking(MappedFile file, Map<String, Entry> tensors, long dataStart) {
        var byPlace = new ArrayList<>(tensors.entrySet());
        byPlace.sort(Map.Entry.comparingByValue(
                Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end)));
        long expected = dataStart;
        for (var tensor : byPlace) {
            long begin = tensor.getValue().begin();
            if (begin != expected) {
                throw file.damaged(
                        "tensor %s: expected its data at byte %d of the file, got %d: %s",
                        tensor.getKey(), expected, begin, begin < expected ? "it overlaps another" : "there is a gap");
            }
            expected = tensor.getValue().end();
        }
        if (expected != file.size) {
            throw file.damaged("expected the last tensor to end at the file's end %d, got %d", file.size, expected);
        }
    }

    private static @Nullable List<Long> naturals(JsonNode array) {
        if (!array.isArray()) {
            return null;
        }
        var numbers = new ArrayList<Long>();
        for (var number : array) {
            if (!number.isIntegralNumber() || !number.canConvertToLong() || number.longValue() < 0) {
                return null;
            }
            numbers.add(number.longValue());
        }
        return List.copyOf(numbers);
    }
}
