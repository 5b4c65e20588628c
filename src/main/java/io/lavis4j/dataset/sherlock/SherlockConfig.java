package io.lavis4j.dataset.sherlock;

import io.lavis4j.config.Section;
import io.lavis4j.dataset.BuildInfo;
import io.lavis4j.dataset.DatasetConfig;
import io.lavis4j.dataset.SampleSource;
import io.lavis4j.dataset.Source;
import io.lavis4j.image.RegionMode;
import io.lavis4j.processor.ImagePipelines;
import io.lavis4j.processor.Processors;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Annotations of Sherlock and the images that they are of.
 *
 * @param name the entry's key
 * @param files annotations by split, and the folders of images
 * @param processors of its images and texts
 * @param regionMode how regions appear in images
 * @param mapper from a record to a sample
 * @param choice which records are used, and how much each counts
 */
public record SherlockConfig(
        String name,
        BuildInfo files,
        Processors processors,
        RegionMode regionMode,
        SampleMapper mapper,
        SherlockChoice choice)
        implements DatasetConfig {

    @Override
    public Set<String> splits() {
        return files.splits();
    }

    @Override
    public String textStart() {
        return mapper.textStart(processors.text().trainOrEval());
    }

    @Override
    public boolean hasTextOutput() {
        return mapper.hasTextOutput(processors.text().trainOrEval());
    }

    /** The same with another mapper than the configuration names. */
    public SherlockConfig withMapper(SampleMapper other) {
        return new SherlockConfig(name, files, processors, regionMode, other, choice);
    }

    /** In evaluation texts are made as in training, too: it is they that the validation loss is of. */
    @Override
    public Source open(String split, boolean training) {
        return new SampleSource(
                SherlockBuilder.build(this, split, training),
                training ? processors.vis().train() : processors.vis().eval(),
                processors.text().trainOrEval(),
                ImagePipelines.best());
    }

    static SherlockConfig read(String name, Section section, Processors processors, @Nullable Path dataRoot) {
        var files = BuildInfo.read(section, dataRoot);
        return new SherlockConfig(
                name,
                files,
                processors,
                section.choice("region_mode", RegionMode.HIGHLIGHT),
                section.choice("mapper", SherlockMapper.INFERENCE),
                SherlockChoice.read(section));
    }
}
