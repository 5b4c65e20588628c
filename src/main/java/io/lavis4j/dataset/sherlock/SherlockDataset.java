package io.lavis4j.dataset.sherlock;

import io.lavis4j.dataset.Dataset;
import io.lavis4j.dataset.Sample;
import io.lavis4j.dataset.SampleTexts;
import io.lavis4j.image.RegionMode;
import io.lavis4j.processor.TextProcessor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The records of one split of Sherlock, seen through a {@link SampleMapper}. */
public final class SherlockDataset implements Dataset {

    private final String name;
    private final List<SherlockRecord> annotations;
    private final SherlockPaths paths;
    private final SampleMapper mapper;
    private final RegionMode regionMode;
    private final Use use;

    /**
     * The use that is made of records.
     *
     * @param weight in the loss
     * @param leftOut records that are not used, a line each
     */
    record Use(ToDoubleFunction<SherlockRecord> weight, List<String> leftOut) {}

    /**
     * A data set over records.
     *
     * @param annotations none of which the mapper finds lacking
     */
    public SherlockDataset(
            String name,
            List<SherlockRecord> annotations,
            SherlockPaths paths,
            SampleMapper mapper,
            RegionMode regionMode) {
        this(name, annotations, paths, mapper, regionMode, new Use(record -> 1, List.of()));
    }

    SherlockDataset(
            String name,
            List<SherlockRecord> annotations,
            SherlockPaths paths,
            SampleMapper mapper,
            RegionMode regionMode,
            Use use) {
        this.name = name;
        this.annotations = List.copyOf(annotations);
        this.paths = paths;
        this.mapper = mapper;
        this.regionMode = regionMode;
        this.use = use;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int size() {
        return annotations.size();
    }

    /** The records, by sample number. */
    public List<SherlockRecord> annotations() {
        return annotations;
    }

    @Override
    public String instanceId(int index) {
        return annotations.get(index).instanceId();
    }

    @Override
    public Sample sample(int index, TextProcessor text) {
        var record = annotations.get(index);
        var answer = mapper.textOutput(record, text);
        return new Sample(
                paths.file(record.url()),
                mapper.regions(record, regionMode),
                SampleTexts.of(record.instanceId(), mapper.textInput(record, text))
                        .withTextOutputs(answer == null ? List.of() : List.of(answer))
                        .withPrompt(mapper.prompt(record, text))
                        .withReferences(List.of(mapper.reference(record)))
                        .withGroups(SherlockGroups.all(record))
                        .withWeight(use.weight().applyAsDouble(record)));
    }

    @Override
    public Map<String, List<String>> references() {
        var references = new LinkedHashMap<String, List<String>>();
        for (var record : annotations) {
            references.putIfAbsent(record.instanceId(), List.of(mapper.reference(record)));
        }
        return Collections.unmodifiableMap(references);
    }

    @Override
    public List<String> leftOut() {
        return use.leftOut();
    }
}
