package io.lavis4j.dataset;

import io.lavis4j.config.Registry;
import io.lavis4j.config.Section;
import io.lavis4j.processor.Processors;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A kind of data set, LAVIS's builder: how an entry of {@code datasets} is read.
 *
 * @param name the entry's key, or its key {@code builder} where the two differ
 * @param reader of the entry
 */
public record DatasetType(String name, Reader reader) {

    /** Reads an entry of {@code datasets}. */
    @FunctionalInterface
    public interface Reader {

        /**
         * Reads what is the data set's own; what is wrong is noted in the section.
         *
         * @param name the entry's key
         * @param entry whose processors and keys of every data set have been read
         * @param dataRoot folder that relative paths lie below, see {@link DatasetConfig#below}; {@code null} if there
         *     is none
         */
        DatasetConfig read(String name, Section entry, Processors processors, @Nullable Path dataRoot);
    }

    /** Names data sets of a jar; listed in its {@code META-INF/services/io.lavis4j.dataset.DatasetType$Provider}. */
    public interface Provider extends Supplier<List<DatasetType>> {}

    /** All kinds on the class path. */
    public static Registry<DatasetType> registry() {
        return Registry.of("data set", Provider.class, DatasetType::name);
    }

    /**
     * Reads an entry of {@code datasets}; what is wrong with it is noted in the section.
     *
     * @param name the entry's key
     * @param dataRoot folder that relative storage paths lie below, key {@code data_root}; {@code null} if there is
     *     none
     * @return {@code null} if there is no such kind of data set
     */
    public static @Nullable DatasetConfig read(String name, Section entry, @Nullable Path dataRoot) {
        var kind = registry().read(entry, "builder", name);
        if (kind == null) {
            entry.values().keySet().forEach(entry::ignore); // known to the builder alone
            return null;
        }
        String type = entry.string("data_type", "images");
        if (!type.equals("images")) {
            entry.problem("data_type", "is \"%s\", expected images".formatted(type));
        }
        entry.ignore("type"); // has chosen the file that this section was merged from
        entry.ignore("dataset_card");
        return kind.reader().read(name, entry, Processors.read(entry), dataRoot);
    }
}
