package io.lavis4j.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
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
    private static final long MAX_HEADER_BYTES = 1 << 24;
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
            throw new CheckpointException(
                    file.path,
                    "expected a safetensors file, which starts with 8 bytes of header length, got %d bytes; %s"
                            .formatted(file.size, CheckpointException.FETCH_AGAIN));
        }
        long length = file.read(0, LENGTH_BYTES).getLong();
        if (length < 2 || length > MAX_HEADER_BYTES) {
            throw new CheckpointException(
                    file.path,
                    "expected a safetensors header of 2 to %d bytes, got length %s; this is not a safetensors file"
                            .formatted(MAX_HEADER_BYTES, Long.toUnsignedString(length)));
        }
        if (length > file.size - LENGTH_BYTES) {
            throw new CheckpointException(
                    file.path,
                    "safetensors header of %d bytes does not fit the file of %d bytes; %s"
                            .formatted(length, file.size, CheckpointException.FETCH_AGAIN));
        }
        var json = Json.object(file.path, "safetensors header", file.read(LENGTH_BYTES, (int) length));
        var tensors = new LinkedHashMap<String, Entry>();
        var metadata = new LinkedHashMap<String, String>();
        for (var field : json.properties()) {
            if (field.getKey().equals(METADATA)) {
                for (var pair : field.getValue().properties()) {
                    metadata.put(pair.getKey(), pair.getValue().asText());
                }
            } else {
                tensors.put(field.getKey(), entry(file, field.getKey(), field.getValue(), LENGTH_BYTES + length));
            }
        }
        checkPacking(file, tensors, LENGTH_BYTES + length);
        return new SafeTensorsHeader(tensors, metadata);
    }

    private static Entry entry(MappedFile file, String name, JsonNode node, long dataStart) {
        var type = ElementType.ofSafetensors(node.path("dtype").asText());
        if (type == null) {
            throw bad(
                    file,
                    name,
                    "expected a dtype among %s, got %s; convert it to one of these"
                            .formatted(List.of(ElementType.values()), node.path("dtype")));
        }
        var shape = naturals(node.path("shape"));
        var offsets = naturals(node.path("data_offsets"));
        if (shape == null || shape.size() > MAX_DIMENSIONS || offsets == null || offsets.size() != 2) {
            throw bad(
                    file,
                    name,
                    "expected a shape and two data_offsets, got %s and %s"
                            .formatted(node.path("shape"), node.path("data_offsets")));
        }
        long begin = offsets.get(0);
        long end = offsets.get(1);
        long available = file.size - dataStart;
        if (begin > end || end > available) {
            throw bad(
                    file,
                    name,
                    "data_offsets [%d, %d] do not fit the %d bytes of data in the file; %s"
                            .formatted(begin, end, available, CheckpointException.FETCH_AGAIN));
        }
        long bytes = Shapes.bytes(shape, type);
        if (bytes != end - begin) {
            throw bad(
                    file,
                    name,
                    "%s of shape %s needs %s bytes, data_offsets [%d, %d] give it %d"
                            .formatted(type, shape, bytes < 0 ? "more than 2^63" : bytes, begin, end, end - begin));
        }
        return new Entry(type, shape, dataStart + begin, dataStart + end);
    }

    /** The format allows neither gaps nor overlaps nor bytes after the last tensor. */
    private static void checkPacking(MappedFile file, Map<String, Entry> tensors, long dataStart) {
        var byPlace = new ArrayList<>(tensors.entrySet());
        byPlace.sort(Comparator.comparingLong(
                        (Map.Entry<String, Entry> e) -> e.getValue().begin())
                .thenComparingLong(e -> e.getValue().end()));
        long expected = dataStart;
        for (var tensor : byPlace) {
            long begin = tensor.getValue().begin();
            if (begin != expected) {
                throw bad(
                        file,
                        tensor.getKey(),
                        "expected its data at byte %d of the file, got %d: %s"
                                .formatted(
                                        expected,
                                        begin,
                                        begin < expected ? "it overlaps another tensor" : "there is a gap"));
            }
            expected = tensor.getValue().end();
        }
        if (expected != file.size) {
            throw new CheckpointException(
                    file.path,
                    "expected the file to end after its last tensor at byte %d, got %d bytes; %s"
                            .formatted(expected, file.size, CheckpointException.FETCH_AGAIN));
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

    private static CheckpointException bad(MappedFile file, String tensor, String message) {
        return new CheckpointException(file.path, "tensor %s: %s".formatted(tensor, message));
    }
}
