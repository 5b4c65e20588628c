package io.lavis4j.metric.sherlock;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.io.JsonFile;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads the answer key of whichever task its first entry belongs to. */
final class AnswerKeyReader {

    private AnswerKey.@Nullable Builder builder;

    private AnswerKeyReader() {}

    static AnswerKey read(Path file) {
        var reader = new AnswerKeyReader();
        try {
            JsonFile.of(file, "a JSON object, the answer key of a task").fields(reader::add);
            return reader.build();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("%s: %s".formatted(file, e.getMessage()), e);
        }
    }

    private void add(String name, JsonNode value) {
        if (builder == null) {
            builder = builder(name, value);
        }
        try {
            builder.add(name, value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("\"%s\" %s".formatted(name, e.getMessage()), e);
        }
    }

    private AnswerKey build() {
        if (builder == null) {
            throw new IllegalArgumentException("the answer key is empty");
        }
        return builder.build();
    }

    private static AnswerKey.Builder builder(String name, JsonNode first) {
        if (name.equals("test_id_map") || name.equals("annotations")) {
            return new ComparisonKey.Builder();
        }
        if (first.isArray()) {
            return new RetrievalKey.Builder();
        }
        if (first.has("type")) {
            return new LocalizationKey.Builder();
        }
        throw new IllegalArgumentException(
                ("\"%s\" is %.80s; expected [region, text] (retrieval), an object with \"type\" (localization), or the"
                                + " keys \"test_id_map\" and \"annotations\" (comparison)")
                        .formatted(name, first));
    }
}
