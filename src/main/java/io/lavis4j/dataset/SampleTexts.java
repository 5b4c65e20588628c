package io.lavis4j.dataset;

import io.lavis4j.processor.InstructionProcessor;
import io.lavis4j.processor.SampleRandom;
import io.lavis4j.processor.TextProcessor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All of a sample but its image.
 *
 * @param instanceId the key of its result
 * @param textInput text that the model learns, ready to be tokenized; with {@code textOutputs}, the question
 * @param textOutputs answers to it, of which the model learns one, drawn each time: an answer that was given twice is
 *     there twice; empty for none
 * @param prompt text that generation starts from; {@code null} for the model's own
 * @param references texts that a generated one is compared with
 * @param candidates answers that one is chosen from; empty for none
 * @param groups keys that scores are broken down by, {@code confidence} to {@code 3}; empty for nothing
 * @param imageId number of its image, equal for samples of the same one; {@link #NO_IMAGE_ID} where losses need not
 *     know
 * @param weight in the loss, above 0
 */
public record SampleTexts(
        String instanceId,
        String textInput,
        List<String> textOutputs,
        @Nullable String prompt,
        List<String> references,
        List<String> candidates,
        Map<String, String> groups,
        long imageId,
        double weight) {

    /** Of samples whose losses take each for an image of its own. */
    public static final long NO_IMAGE_ID = -1;

    public SampleTexts {
        textOutputs = List.copyOf(textOutputs);
        references = List.copyOf(references);
        candidates = List.copyOf(candidates);
        groups = Collections.unmodifiableMap(new LinkedHashMap<>(groups));
    }

    /** A text that the model learns, and nothing else. */
    public static SampleTexts of(String instanceId, String textInput) {
        return new SampleTexts(instanceId, textInput, List.of(), null, List.of(), List.of(), Map.of(), NO_IMAGE_ID, 1);
    }

    /** These with other answers. */
    public SampleTexts withTextOutputs(List<String> other) {
        return new SampleTexts(instanceId, textInput, other, prompt, references, candidates, groups, imageId, weight);
    }

    /** These with another start of generation. */
    public SampleTexts withPrompt(@Nullable String other) {
        return new SampleTexts(
                instanceId, textInput, textOutputs, other, references, candidates, groups, imageId, weight);
    }

    /** These with other references. */
    public SampleTexts withReferences(List<String> other) {
        return new SampleTexts(instanceId, textInput, textOutputs, prompt, other, candidates, groups, imageId, weight);
    }

    /** These with other candidates. */
    public SampleTexts withCandidates(List<String> other) {
        return new SampleTexts(instanceId, textInput, textOutputs, prompt, references, other, groups, imageId, weight);
    }

    /** These in other groups. */
    public SampleTexts withGroups(Map<String, String> other) {
        return new SampleTexts(
                instanceId, textInput, textOutputs, prompt, references, candidates, other, imageId, weight);
    }

    /** These of an image that other samples have, too. */
    public SampleTexts withImageId(long other) {
        return new SampleTexts(
                instanceId, textInput, textOutputs, prompt, references, candidates, groups, other, weight);
    }

    /** These with another weight in the loss. */
    public SampleTexts withWeight(double other) {
        return new SampleTexts(
                instanceId, textInput, textOutputs, prompt, references, candidates, groups, imageId, other);
    }

    /** The answer that the model learns; {@code null} for none. Of several, the first. */
    public @Nullable String textOutput() {
        return textOutputs.isEmpty() ? null : textOutputs.get(0);
    }

    /** These with one answer, drawn of those there are. */
    private SampleTexts drawn(SampleRandom random) {
        return textOutputs.size() <= 1
                ? this
                : withTextOutputs(List.of(textOutputs.get(random.integer(0, textOutputs.size()))));
    }

    /**
     * These texts as a text processor has them, with one answer at most: a processor that asks makes the input an
     * instruction, and what was the input the answer, unless there is one.
     */
    public SampleTexts asked(TextProcessor text, SampleRandom random) {
        var one = drawn(random);
        if (!(text instanceof InstructionProcessor asking)) {
            return one;
        }
        String given = one.textOutput();
        String question = given == null ? "" : textInput, answer = given == null ? textInput : given;
        return new SampleTexts(
                instanceId,
                asking.instruction(question, random),
                List.of(asking.answer(answer, random)),
                prompt,
                references,
                candidates,
                groups,
                imageId,
                weight);
    }
}
