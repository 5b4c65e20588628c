package io.lavis4j.metric;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Captions by image id, in the order of a file: ground truth with one or several an id, or results with one.
 *
 * <p>Told by its ending: {@code .jsonl} has a record a line; {@code .csv} and {@code .tsv} have a header; anything else
 * is JSON: COCO's object with {@code annotations}, a list of records, or an object of id to caption, list of captions
 * or record. An id may be a number or a text, {@code 7} and {@code "7"} are the same. Text is UTF-8, or UTF-16 with a
 * byte-order mark.
 */
public final class CaptionFile {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .build();

    /** What ends a line of JSON lines; other line breaks of Unicode may stand in texts. */
    private static final Pattern LINE_BREAK = Pattern.compile("\r\n|\n|\r");

    private static final CsvMapper CSV =
            CsvMapper.builder().enable(CsvParser.Feature.SKIP_EMPTY_LINES).build();

    private final Path path;
    private final String idKey;
    private final String captionKey;
    private final Map<String, List<String>> captions = new LinkedHashMap<>();

    private CaptionFile(Path path, String idKey, String captionKey) {
        this.path = path;
        this.idKey = idKey;
        this.captionKey = captionKey;
    }

    /** Reads a file with COCO's keys, {@code image_id} and {@code caption}. */
    public static CaptionFile read(Path path) {
        return read(path, "image_id", "caption");
    }

    /**
     * Reads a file.
     *
     * @param idKey key of a record's id, LAVIS's {@code sample_id_key}
     * @param captionKey key of a record's caption, LAVIS's {@code caption_key}
     * @throws UncheckedIOException if it cannot be read
     * @throws IllegalArgumentException if it has another form, or no caption
     */
    public static CaptionFile read(Path path, String idKey, String captionKey) {
        var file = new CaptionFile(path, idKey, captionKey);
        String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
        try {
            String text = TextFile.read(path);
            if (name.endsWith(".jsonl")) {
                file.lines(text);
            } else if (name.endsWith(".csv") || name.endsWith(".tsv")) {
                file.table(text, name.endsWith(".csv") ? ',' : '\t');
            } else {
                file.tree(JSON.readTree(text));
            }
        } catch (JsonProcessingException e) {
            throw file.unreadable(e.getLocation() == null ? 0 : e.getLocation().getLineNr(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be read (%s)".formatted(path, e), e);
        }
        if (file.captions.isEmpty()) {
            throw new IllegalArgumentException("%s has no captions; expected at least one".formatted(path));
        }
        return file;
    }

    private IllegalArgumentException unreadable(int line, JsonProcessingException e) {
        return new IllegalArgumentException(
                "%s, line %d: %s; expected captions in COCO's form or another that is read"
                        .formatted(path, line, e.getOriginalMessage()),
                e);
    }

    /** All captions by id. */
    public Map<String, List<String>> references() {
        return new LinkedHashMap<>(captions);
    }

    /** The first caption of each id, which is the one that counts in LAVIS. */
    public Map<String, String> hypotheses() {
        var first = new LinkedHashMap<String, String>();
        captions.forEach((id, texts) -> first.put(id, texts.get(0)));
        return first;
    }

    /** Ids with more than one caption. */
    public List<String> repeated() {
        return captions.entrySet().stream()
                .filter(entry -> entry.getValue().size() > 1)
                .map(Map.Entry::getKey)
                .toList();
    }

    private void lines(String text) {
        int number = 0;
        for (String line : LINE_BREAK.split(text, -1)) {
            number++;
            if (!line.isBlank()) {
                try {
                    record(JSON.readTree(line), "line " + number);
                } catch (JsonProcessingException e) {
                    throw unreadable(number, e);
                }
            }
        }
    }

    private void table(String text, char separator) throws IOException {
        var schema = CsvSchema.emptySchema().withHeader().withColumnSeparator(separator);
        try (var rows = CSV.readerFor(JsonNode.class).with(schema).<JsonNode>readValues(text)) {
            for (int number = 1; rows.hasNext(); number++) {
                record(rows.next(), "row " + number);
            }
        }
    }

    private void tree(JsonNode root) {
        var records = root.has("annotations") ? root.get("annotations") : root;
        if (records.isArray()) {
            for (int i = 0; i < records.size(); i++) {
                record(records.get(i), "record " + i);
            }
        } else if (records.isObject()) {
            records.properties()
                    .forEach(entry -> captions(entry.getKey(), captionsOf(entry.getValue()), "id " + entry.getKey()));
        } else {
            throw new IllegalArgumentException(
                    "%s: expected a list or an object of captions, got %s".formatted(path, records.getNodeType()));
        }
    }

    private void record(JsonNode record, String place) {
        var id = record.path(idKey);
        if (!id.isTextual() && !id.isIntegralNumber()) {
            throw new IllegalArgumentException("%s, %s: expected a number or text under \"%s\", got %s"
                    .formatted(path, place, idKey, id.isMissingNode() ? "nothing" : id));
        }
        captions(id.asText(), record.path(captionKey), place);
    }

    private JsonNode captionsOf(JsonNode value) {
        return value.isObject() ? value.path(captionKey) : value;
    }

    private void captions(String id, JsonNode value, String place) {
        var texts = captions.computeIfAbsent(id, key -> new ArrayList<>());
        if (value.isTextual()) {
            texts.add(value.asText());
        } else if (value.isArray() && !value.isEmpty()) {
            value.forEach(text -> captions(id, text, place));
        } else {
            throw new IllegalArgumentException("%s, %s (id %s): expected a text or a list of texts under \"%s\", got %s"
                    .formatted(path, place, id, captionKey, value.isMissingNode() ? "nothing" : value));
        }
    }
}
