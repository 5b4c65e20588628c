package io.lavis4j.dataset.vqa;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A question about an image.
 *
 * @param questionId the key of its answer
 * @param image path below the folder of images
 * @param question as it was asked
 * @param answers of people, each as often as it was given; they may be blank, and there is none where they are secret
 * @param choices answers that one is to be chosen from; empty for an open question
 * @param correctChoice the right one of the choices; {@code null} if it is unknown
 * @param groups keys that scores are broken down by, {@code answer_type} to {@code yes/no}
 */
record VqaRecord(
        String questionId,
        String image,
        String question,
        List<String> answers,
        List<String> choices,
        @Nullable String correctChoice,
        Map<String, String> groups) {

    VqaRecord {
        answers = List.copyOf(answers);
        choices = List.copyOf(choices);
        groups = Collections.unmodifiableMap(new LinkedHashMap<>(groups));
    }

    /** The same with other answers, in other groups. */
    VqaRecord with(List<String> otherAnswers, Map<String, String> otherGroups) {
        return new VqaRecord(questionId, image, question, otherAnswers, choices, correctChoice, otherGroups);
    }
}
