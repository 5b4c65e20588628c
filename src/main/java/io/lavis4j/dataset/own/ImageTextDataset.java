package io.lavis4j.dataset.own;

import io.lavis4j.dataset.Dataset;
import io.lavis4j.dataset.Sample;
import io.lavis4j.dataset.SampleTexts;
import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import io.lavis4j.processor.TextProcessor;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Images with captions, of which the first is learned, or with questions and answers. */
final class ImageTextDataset implements Dataset {

    private final String name;
    private final List<ImageText> samples;
    private final long[] imageIds;
    private final RegionMode regionMode;
    private final List<String> leftOut;

    /** @param samples with ids */
    ImageTextDataset(String name, List<ImageText> samples, RegionMode regionMode, List<String> leftOut) {
        this.name = name;
        this.samples = List.copyOf(samples);
        this.regionMode = regionMode;
        this.leftOut = List.copyOf(leftOut);
        var numbers = new HashMap<String, Long>();
        imageIds = samples.stream()
                .mapToLong(sample -> numbers.computeIfAbsent(sample.path(), path -> (long) numbers.size()))
                .toArray();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int size() {
        return samples.size();
    }

    @Override
    public String instanceId(int index) {
        return Objects.requireNonNull(samples.get(index).id());
    }

    /** Training has a sample for each caption of an image, and takes no records of different samples for a fault. */
    @Override
    public boolean sharesIds() {
        return true;
    }

    @Override
    public Sample sample(int index, TextProcessor text) {
        var sample = samples.get(index);
        return new Sample(
                sample.image(),
                sample.boxes().isEmpty() ? Regions.NONE : new Regions(sample.boxes(), 0, 0, regionMode),
                texts(index, sample, text).withReferences(sample.texts()).withImageId(imageIds[index]));
    }

    private SampleTexts texts(int index, ImageText sample, TextProcessor text) {
        String question = sample.question();
        if (question == null) {
            return SampleTexts.of(instanceId(index), text.process(sample.texts().get(0)));
        }
        String asked = text.process(question);
        var answers = sample.texts().stream()
                .map(answer -> text.process(answer).substring(text.prompt().length()))
                .toList();
        return SampleTexts.of(instanceId(index), asked).withTextOutputs(answers).withPrompt(asked);
    }

    @Override
    public Map<String, List<String>> references() {
        var references = new LinkedHashMap<String, List<String>>();
        samples.forEach(sample -> references.putIfAbsent(String.valueOf(sample.id()), sample.texts()));
        return Collections.unmodifiableMap(references);
    }

    @Override
    public List<String> leftOut() {
        return leftOut;
    }
}
