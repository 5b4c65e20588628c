package io.lavis4j.dataset.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.io.DelimitedText;
import io.lavis4j.io.JsonFile;
import io.lavis4j.io.JsonLines;
import io.lavis4j.io.TextFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A file of records, whose form its ending names: {@code .json} a list, or an object of id to record; {@code .jsonl} an
 * object a line; {@code .csv} and {@code .tsv} a table with a header.
 *
 * <p>An object of id to record gives each the field {@code sample_id}, as LAVIS does.
 */
final class RecordFile {

    private static final String SAMPLE_ID = "sample_id";

    private final Path file;
    private final String expected;

    private final boolean keyed;

    private RecordFile(Path file, String expected, boolean keyed) {
        this.file = file;
        this.expected = expected;
        this.keyed = keyed;
    }

    /**
     * A file that need not be there.
     *
     * @param expected for messages: {@code a JSON list of records}
     * @param keyed whether it may be an object of id to record
     */
    static RecordFile of(Path file, String expected, boolean keyed) {
        return new RecordFile(file, expected, keyed);
    }

    /**
     * What stands in the place of a record.
     *
     * @param content of the file
     * @param fields fail if it is not a record
     */
    record Entry(JsonNode content, Supplier<Fields> fields) {

        /** @throws FaultyValueException if it is not a record */
        Fields read() {
            return fields.get();
        }

        /** For messages: a key and its value; {@code null} if it is neither a text nor a number. */
        @Nullable
        String named(String key) {
            var id = content.path(key);
            return id.isTextual() || id.isIntegralNumber() ? key + " " + Fields.quoted(id.asText()) : null;
        }
    }

    /**
     * Passes records on with their places, one after the other.
     *
     * @return how many there are
     * @throws java.io.UncheckedIOException if the file cannot be read or has another form
     * @throws AnnotationException if its ending names no form, or a table is not one
     */
    int each(BiConsumer<String, Entry> consumer) {
        String ending = Files.isRegularFile(file) ? ending() : "json"; // which then says what is there
        return switch (ending) {
            case "json" -> json(consumer);
            case "jsonl" ->
                new JsonLines(file).each(expected, (node, line) -> consumer.accept("line " + line, json(node)));
            case "csv" -> table(',', consumer);
            case "tsv" -> table('\t', consumer);
            default ->
                throw new AnnotationException("%s ends in \"%s\"; expected a file of records: .json, .jsonl, .csv or .tsv"
                        .formatted(file.toAbsolutePath(), ending));
        };
    }

    private String ending() {
        String name = String.valueOf(file.getFileName());
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }

    private static Entry json(JsonNode node) {
        return new Entry(node, () -> Fields.of(node));
    }

    private int json(BiConsumer<String, Entry> consumer) {
        var content = JsonFile.of(file, expected);
        if (!keyed || !content.isObject()) {
            return content.elements((node, index) -> consumer.accept("record " + index, json(node)));
        }
        int[] count = {0};
        content.fields((id, node) -> {
            if (node instanceof ObjectNode record) {
                record.put(SAMPLE_ID, id);
            }
            consumer.accept("record " + count[0]++, json(node));
        });
        return count[0];
    }

    private int table(char separator, BiConsumer<String, Entry> consumer) {
        try {
            return rows(separator, consumer);
        } catch (IllegalArgumentException e) { // DelimitedText's, which name file and line
            throw new AnnotationException(String.valueOf(e.getMessage()));
        }
    }

    private int rows(char separator, BiConsumer<String, Entry> consumer) {
        var rows = new DelimitedText(file, TextFile.read(file), separator);
        var header = rows.next();
        if (header == null) {
            throw new AnnotationException("%s is empty; expected %s".formatted(file.toAbsolutePath(), expected));
        }
        var columns = header.stream().map(String::strip).toList();
        if (new HashSet<>(columns).size() < columns.size()) {
            throw new AnnotationException("%s: the header has a column twice: %s; expected each once"
                    .formatted(file.toAbsolutePath(), columns));
        }
        int count = 0;
        for (var row = rows.next(); row != null; row = rows.next()) {
            consumer.accept("line " + rows.line(), row(columns, row));
            count++;
        }
        return count;
    }

    private static Entry row(List<String> columns, List<String> values) {
        var node = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < Math.min(columns.size(), values.size()); i++) {
            node.put(columns.get(i), values.get(i));
        }
        return new Entry(node, () -> {
            if (values.size() != columns.size()) {
                throw new FaultyValueException(
                        "", "has %d values".formatted(values.size()), "one for each of " + columns);
            }
            return Fields.ofRow(node);
        });
    }
}
