package io.lavis4j.dataset.caption;

import io.lavis4j.dataset.Dataset;
import io.lavis4j.dataset.Sample;
import io.lavis4j.dataset.SampleTexts;
import io.lavis4j.processor.TextProcessor;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Images and captions. The model learns the first caption of a sample, which in training is its only one; all are
 * references.
 *
 * <p>To be written, captions are compared with the references as they stand, and samples have no image id: in BLIP-2's
 * first stage each caption is its own image's alone, as it is in LAVIS when batches are of captions and pairs. To be
 * retrieved, texts are what the text processor makes of the references, and samples of one image have its number, from
 * 0 in the order of the files, so that they belong together.
 */
public final class CaptionDataset implements Dataset {

    private final CaptionConfig config;
    private final CaptionSplit split;
    private final int[] numbers; // of images, by sample

    CaptionDataset(CaptionConfig config, CaptionSplit split) {
        this.config = config;
        this.split = split;
        var known = new HashMap<String, Integer>();
        numbers = split.samples().stream()
                .mapToInt(sample -> known.computeIfAbsent(sample.image(), image -> known.size()))
                .toArray();
    }

    @Override
    public String name() {
        return config.name();
    }

    @Override
    public int size() {
        return split.samples().size();
    }

    @Override
    public String instanceId(int index) {
        return split.samples().get(index).id();
    }

    @Override
    public boolean sharesIds() {
        return true;
    }

    @Override
    public Sample sample(int index, TextProcessor text) {
        var sample = split.samples().get(index);
        var captions = sample.captions();
        String learned = captions.isEmpty() ? "" : text.process(captions.get(0));
        var texts = SampleTexts.of(sample.id(), learned);
        return new Sample(
                split.paths().file(sample.image()),
                config.retrieval()
                        ? texts.withReferences(
                                        captions.stream().map(text::process).toList())
                                .withImageId(numbers[index])
                        : texts.withReferences(captions));
    }

    @Override
    public Map<String, List<String>> references() {
        var references = new LinkedHashMap<String, List<String>>();
        split.samples().forEach(sample -> references.putIfAbsent(sample.id(), sample.captions()));
        return Collections.unmodifiableMap(references);
    }

    @Override
    public List<String> leftOut() {
        return split.leftOut();
    }
}
