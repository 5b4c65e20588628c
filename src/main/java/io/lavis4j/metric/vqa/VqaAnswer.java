package io.lavis4j.metric.vqa;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One annotator's answer.
 *
 * @param answer as it was given
 * @param others the record's other fields, {@code answer_id} and such: annotators whose records are equal in everything
 *     do not count for each other
 */
public record VqaAnswer(String answer, Map<String, ?> others) {

    public VqaAnswer {
        others = Collections.unmodifiableMap(new LinkedHashMap<>(others));
    }
}
