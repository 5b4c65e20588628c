package io.lavis4j.metric.sherlock;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Set;

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
     * @throws IllegalArgumentException if it is not one
     * @throws java.io.UncheckedIOException if the file is not there or not JSON
     */
    static AnswerKey read(Path file) {
        return AnswerKeyReader.read(file);
    }
}
