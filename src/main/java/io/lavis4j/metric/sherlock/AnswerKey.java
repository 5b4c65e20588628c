package io.lavis4j.metric.sherlock;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The right answers of one task, or of one of its splits. */
public sealed interface AnswerKey permits RetrievalKey, LocalizationKey, ComparisonKey {

    /** Every test id that needs a score. */
    Set<String> testIds();

    /**
     * Scores predictions.
     *
     * @throws IllegalArgumentException if one is missing
     */
    SherlockScores score(Predictions predictions);

    /** Collects a key, one entry of its file after the other. */
    interface Builder {

        /** @throws IllegalArgumentException if the entry is not as expected; the message goes on after its name */
        void add(String name, JsonNode value);

        AnswerKey build();
    }

    /**
     * Reads an answer key in the published form, of whichever task.
     *
     * @throws IllegalArgumentException if it is none
     */
    static AnswerKey read(Path file) {
        var json = new ObjectMapper();
        Builder builder = null;
        try (JsonParser parser = json.getFactory().createParser(file.toFile())) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("%s: expected a JSON object, the answer key of a task, got %s"
                        .formatted(file, parser.currentToken()));
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                JsonNode value = json.readTree(parser);
                builder = builder == null ? builder(file, name, value) : builder;
                try {
                    builder.add(name, value);
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException("%s: \"%s\" %s".formatted(file, name, e.getMessage()), e);
                }
            }
            return built(file, builder);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "%s: is not JSON (%s); unpack or download it again".formatted(file, e.getOriginalMessage()), e);
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be read (%s)".formatted(file, e), e);
        }
    }

    private static AnswerKey built(Path file, @Nullable Builder builder) {
        if (builder == null) {
            throw new IllegalArgumentException("%s: the answer key is empty".formatted(file));
        }
        try {
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    private static Builder builder(Path file, String name, JsonNode first) {
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
                ("%s: \"%s\" is %.80s; expected [region, text] (retrieval), an object with \"type\" (localization), or the"
                                + " keys \"test_id_map\" and \"annotations\" (comparison)")
                        .formatted(file, name, first));
    }
}
