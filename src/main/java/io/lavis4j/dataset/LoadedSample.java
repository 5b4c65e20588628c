package io.lavis4j.dataset;

import io.lavis4j.processor.InstructionProcessor;
import io.lavis4j.processor.SampleRandom;
import io.lavis4j.processor.TextProcessor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A sample whose pixels are in their place.
 *
 * @param id of the sample asked for, unique among those of its loader
 * @param texts of that one, or of what replaced it
 * @param broken the samples that could not be read
 */
public record LoadedSample(long id, Texts texts, List<Broken> broken) {

    public LoadedSample {
        broken = List.copyOf(broken);
    }

    /** The same with what is wrong with other samples. */
    public LoadedSample withFaults(List<Broken> faults) {
        if (faults.isEmpty()) {
            return this;
        }
        var all = new ArrayList<>(faults);
        all.addAll(broken);
        return new LoadedSample(id, texts, all);
    }

    /**
     * The part of a sample that a batch holds beside its image.
     *
     * @param instanceId the key of its result
     * @param textInput text that the model learns, or what {@code textOutput} answers
     * @param textOutput answer that the model learns; {@code null} for none
     * @param prompt text that generation starts from; {@code null} for the model's own
     * @param references texts that a generated one is compared with
     * @param groups keys that scores are broken down by
     */
    public record Texts(
            String instanceId,
            String textInput,
            @Nullable String textOutput,
            @Nullable String prompt,
            List<String> references,
            Map<String, String> groups) {

        public Texts {
            references = List.copyOf(references);
        }

        static Texts of(Sample sample) {
            return new Texts(
                    sample.instanceId(),
                    sample.textInput(),
                    sample.textOutput(),
                    sample.prompt(),
                    sample.references(),
                    sample.groups());
        }

        /**
         * These texts as a text processor has them: one that asks makes the input an instruction, and what was the
         * input the answer, unless there is one.
         */
        public Texts asked(TextProcessor text, SampleRandom random) {
            if (!(text instanceof InstructionProcessor asking)) {
                return this;
            }
            String question = textOutput == null ? "" : textInput, answer = textOutput == null ? textInput : textOutput;
            return new Texts(
                    instanceId,
                    asking.instruction(question, random),
                    asking.answer(answer, random),
                    prompt,
                    references,
                    groups);
        }
    }

    /**
     * A sample that could not be read.
     *
     * @param id its number
     * @param problem names it and says what is wrong
     */
    public record Broken(long id, String problem) {}
}
