package io.lavis4j.bench;

import io.lavis4j.dataset.Dataset;
import io.lavis4j.dataset.Sample;
import io.lavis4j.processor.TextProcessor;
import java.util.List;
import java.util.Map;

/**
 * Samples, again and again.
 *
 * @param samples at least one
 * @param size how many the data set has
 */
record RepeatedSamples(List<Sample> samples, int size) implements Dataset {

    @Override
    public String name() {
        return "images";
    }

    @Override
    public Sample sample(int index, TextProcessor text) {
        return samples.get(index % samples.size());
    }

    @Override
    public String instanceId(int index) {
        return Integer.toString(index);
    }

    @Override
    public Map<String, List<String>> references() {
        return Map.of();
    }
}
