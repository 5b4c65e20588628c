package io.lavis4j.metric;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.lavis4j.io.DelimitedText;
import io.lavis4j.io.JsonStream;
import io.lavis4j.io.TextFile;
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
 * or record. {@link TextFile} has the encodings, {@link JsonStream} the rules of JSON; each row of a table has as many
 * values as the header.
 *
 * <p>An id may be a whole number or a text, {@code 7} and {@code "7"} are the same, {@code "07"} is another; anything
 * else is an error. Records of one id add captions in their order; a key twice in an object is an error. A caption may
 * be empty and may hold line breaks of any kind, which the tokenizer takes for blanks; no caption, {@code null} or an
 * empty list is an error. Errors name the file and the record, line or id. COCO's list of images is not read.
 */
public final class CaptionFile {

    private static final String ANNOTATIONS = "annotations";

    /** The end of a line of JSON lines; other line breaks of Unicode may stand in texts. */
    private static final Pattern LINE_BREAK = Pattern.compile("\r\n|\n|\r");

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
                file.tree(text);
            }
        } catch (JsonProcessingException e) {
            throw file.unreadable(JsonStream.place(e), e);
        } catch (IOException e) {
            throw new IllegalStateException("a text in memory can be read", e);
        }
        if (file.captions.isEmpty()) {
            throw new IllegalArgumentException("%s has no captions; expected at least one".formatted(path));
        }
        return file;
    }

    private IllegalArgumentException unreadable(String place, JsonProcessingException e) {
        return new IllegalArgumentException(
                "%s%s: %s; expected captions in COCO's form or another that is read"
                        .formatted(path, place, JsonStream.problem(e)),
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

    private void lines(String text) throws IOException {
        int number = 0;
        for (String line : LINE_BREAK.split(text, -1)) {
            number++;
            if (!line.isBlank()) {
                try {
                    record(PlainJson.read(line), "line " + number);
                } catch (JsonProcessingException e) {
                    throw unreadable(", line " + number, e);
                }
            }
        }
    }

    private void table(String text, char separator) {
        var rows = new DelimitedText(path, text, separator);
        var header = rows.next();
        if (header == null) {
            throw rows.fault("the file is empty; expected a header with %s and %s".formatted(idKey, captionKey));
        }
        var columns = header.stream().map(String::strip).toList();
        int id = columns.indexOf(idKey), caption = columns.indexOf(captionKey);
        if (id < 0 || caption < 0 || id != columns.lastIndexOf(idKey) || caption != columns.lastIndexOf(captionKey)) {
            throw rows.fault("the header has the columns %s; expected %s and %s once each, separated by %s"
                    .formatted(columns, idKey, captionKey, separator == ',' ? "commas" : "tabs"));
        }
        for (var row = rows.next(); row != null; row = rows.next()) {
            if (row.size() != columns.size()) {
                throw rows.fault("expected %d values, as the header has, got %d; a value with %s in it is put in quotes"
                        .formatted(columns.size(), row.size(), separator == ',' ? "a comma" : "a tab"));
            }
            captions(row.get(id), row.get(caption), "line " + rows.line());
        }
    }

    private void tree(String text) throws IOException {
        try (var parser = JsonStream.parser(text)) {
            var first = JsonStream.start(parser);
            if (first == JsonToken.START_OBJECT && PlainJson.hasKey(text, ANNOTATIONS)) {
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    boolean annotations = parser.currentName().equals(ANNOTATIONS);
                    parser.nextToken();
                    if (annotations) {
                        all(parser);
                    } else {
                        parser.skipChildren();
                    }
                }
            } else {
                all(parser);
            }
            JsonStream.requireEnd(parser);
        }
    }

    /** A list of records, or an object of id to captions, from its first token to its last. */
    private void all(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.START_ARRAY) {
            for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
                record(PlainJson.value(parser), "record " + i);
            }
        } else if (parser.currentToken() == JsonToken.START_OBJECT) {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String id = parser.currentName();
                parser.nextToken();
                captions(id, captionsOf(PlainJson.value(parser)), "id " + id);
            }
        } else {
            throw new IllegalArgumentException(
                    "%s: expected a list or an object of captions, got %s".formatted(path, parser.getText()));
        }
    }

    private void record(Object record, String place) {
        Object id = member(record, idKey);
        if (!(id instanceof String) && !PlainJson.isIntegral(id)) {
            throw new IllegalArgumentException(
                    "%s, %s: expected a number or text under \"%s\", got %s".formatted(path, place, idKey, id));
        }
        captions(id.toString(), member(record, captionKey), place);
    }

    private static Object member(Object record, String key) {
        Object value = record instanceof Map<?, ?> fields ? fields.get(key) : null;
        return value == null ? PlainJson.NOTHING : value;
    }

    private Object captionsOf(Object value) {
        return value instanceof Map ? member(value, captionKey) : value;
    }

    private void captions(String id, Object value, String place) {
        var texts = captions.computeIfAbsent(id, key -> new ArrayList<>(1));
        if (value instanceof String text) {
            texts.add(text);
        } else if (value instanceof List<?> list && !list.isEmpty()) {
            list.forEach(text -> captions(id, text, place));
        } else {
            throw new IllegalArgumentException("%s, %s (id %s): expected a text or a list of texts under \"%s\", got %s"
                    .formatted(path, place, id, captionKey, value));
        }
    }
}
