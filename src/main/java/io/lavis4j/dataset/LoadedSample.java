package io.lavis4j.dataset;

import java.util.ArrayList;
import java.util.List;

/**
 * A sample whose pixels are in their place.
 *
 * @param id of the sample asked for, unique among those of its loader
 * @param texts of that one, or of what replaced it
 * @param broken the samples that could not be read
 */
public record LoadedSample(long id, SampleTexts texts, List<Broken> broken) {

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
     * A sample that could not be read.
     *
     * @param id its number
     * @param problem names it and says what is wrong
     */
    public record Broken(long id, String problem) {}
}
