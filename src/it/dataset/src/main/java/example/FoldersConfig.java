package example;

import io.lavis4j.config.Section;
import io.lavis4j.dataset.DatasetConfig;
import io.lavis4j.dataset.SampleSource;
import io.lavis4j.dataset.Source;
import io.lavis4j.processor.ImagePipelines;
import io.lavis4j.processor.Processors;
import java.nio.file.Path;
import java.util.Set;

/** The folders of a data set that has a folder for each split, with images and their texts beside them. */
record FoldersConfig(String name, Path root, Processors processors) implements DatasetConfig {

    static FoldersConfig read(String name, Section entry, Processors processors, Path dataRoot) {
        var info = entry.section("build_info");
        var root = info.read(section -> DatasetConfig.below(section, section.string("storage"), dataRoot));
        return new FoldersConfig(name, Section.present(root), processors);
    }

    @Override
    public Set<String> splits() {
        return Set.of("train", "val");
    }

    @Override
    public Source open(String split, boolean training) {
        return new SampleSource(
                FoldersDataset.read(name, root.resolve(split)),
                training ? processors.vis().train() : processors.vis().eval(),
                processors.text().trainOrEval(),
                ImagePipelines.best());
    }
}
