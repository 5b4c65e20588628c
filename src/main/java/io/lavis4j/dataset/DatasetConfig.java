package io.lavis4j.dataset;

import io.lavis4j.config.Section;
import io.lavis4j.processor.Processors;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A data set of LAVIS's configuration files: one entry of {@code datasets}. */
public sealed interface DatasetConfig permits SherlockConfig, WebDatasetConfig {

    /** The entry's key. */
    String name();

    /** The splits there are. */
    Set<String> splits();

    /** Of its pictures and texts. */
    Processors processors();

    /**
     * Reads an entry of {@code datasets}; what is wrong with it is noted in the section. An entry whose
     * {@code build_info} has a {@code storage} of its own is a {@link WebDatasetConfig}.
     *
     * @param dataRoot what relative storage paths lie below, key {@code data_root}; {@code null} if there is none
     */
    static DatasetConfig read(String name, Section section, @Nullable Path dataRoot) {
        String type = section.string("data_type", "images");
        if (!type.equals("images")) {
            section.problem("data_type", "is \"%s\", expected images".formatted(type));
        }
        section.ignore("type"); // has chosen the file that this section was merged from
        section.ignore("dataset_card");
        var processors = Processors.read(section);
        return section.section("build_info").has("storage")
                ? WebDatasetConfig.read(name, section, processors, dataRoot)
                : SherlockConfig.read(name, section, processors, dataRoot);
    }

    /** A path below the data root, {@code null} with a problem of key {@code storage} if there is none. */
    static @Nullable Path below(Section section, String storage, @Nullable Path dataRoot) {
        var path = Path.of(storage);
        if (path.isAbsolute()) {
            return path;
        }
        if (dataRoot == null) {
            section.problem(
                    "storage", "is \"%s\", relative; set data_root to the folder it lies below".formatted(storage));
            return null;
        }
        return dataRoot.resolve(path).normalize();
    }
}
