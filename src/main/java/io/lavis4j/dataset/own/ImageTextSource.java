package io.lavis4j.dataset.own;

import io.lavis4j.dataset.BuildInfo;
import io.lavis4j.dataset.OnBroken;
import io.lavis4j.dataset.record.Annotations;
import java.util.Set;

/** Where images and texts are found. */
sealed interface ImageTextSource permits ImageFolders, ImageTables {

    /** The splits that are configured. */
    Set<String> splits();

    /** Its annotation files, if there are any, and folders of images. */
    BuildInfo files();

    /** Whether samples have a question and answers. */
    boolean asks();

    /**
     * Reads a split; touches no image.
     *
     * @param dataset its name, for messages
     * @throws io.lavis4j.dataset.AnnotationException if it cannot be used or, if faults are not to be skipped, has one
     */
    Annotations<ImageText> read(String dataset, String split, OnBroken onFault);
}
