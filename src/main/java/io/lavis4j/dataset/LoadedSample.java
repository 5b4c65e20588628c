package io.lavis4j.dataset;

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
     * @param textInput text that the model learns
     * @param prompt text that generation starts from; {@code null} for the model's own
     * @param references texts that a generated one is compared with
     * @param groups keys that scores are broken down by
     */
    public record Texts(
            String instanceId,
            String textInput,
            @Nullable String prompt,
            List<String> references,
            Map<String, String> groups) {

        public Texts {
            references = List.copyOf(references);
        }

        static Texts of(Sample sample) {
            return new Texts(
                    sample.instanceId(), sample.textInput(), sample.prompt(), sample.references(), sample.groups());
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
