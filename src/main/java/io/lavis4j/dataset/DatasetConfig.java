package io.lavis4j.dataset;

import io.lavis4j.config.Section;
import io.lavis4j.processor.InstructionProcessor;
import io.lavis4j.processor.Processors;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A data set of LAVIS's configuration files: one entry of {@code datasets}. */
public interface DatasetConfig {

    /** The entry's key. */
    String name();

    /** The splits there are. */
    Set<String> splits();

    /** Its annotation files and folders of images; {@code null} if it is not made of these. */
    default @Nullable BuildInfo files() {
        return null;
    }

    /** Of its images and texts. */
    Processors processors();

    /** The text that every training text begins with, which a model's prompt should be; may be empty. */
    default String textStart() {
        return processors().text().trainOrEval().prompt();
    }

    /** Whether samples have a {@code text_output}: of their own, or because the text processor asks for it. */
    default boolean hasTextOutput() {
        return processors().text().trainOrEval() instanceof InstructionProcessor;
    }

    /**
     * Opens a split: reads annotations, no image.
     *
     * @param split one of {@link #splits()}
     * @param training leaves faulty records out and takes the training processors; evaluation takes all records and
     *     fails on faulty ones
     * @throws AnnotationException if a file is not there or cannot be used
     */
    Source open(String split, boolean training);

    /**
     * A path below the data root, {@code null} with a problem of key {@code storage} if there is none; as
     * {@link Section#file(String)}.
     */
    static @Nullable Path below(Section section, String storage, @Nullable Path dataRoot) {
        var path = section.file("storage", storage);
        if (path == null || path.isAbsolute()) {
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
