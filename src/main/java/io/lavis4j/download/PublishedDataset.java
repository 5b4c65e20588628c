package io.lavis4j.download;

import java.util.List;

/**
 * A data set of the catalog.
 *
 * @param name as in {@code download NAME}
 * @param title what it is, with its version
 * @param terms of use, as its owner states them
 * @param images names of the data sets whose images its annotations are about
 * @param files all of it
 */
public record PublishedDataset(
        String name, String title, String terms, List<String> images, List<PublishedFile> files) {

    public PublishedDataset {
        images = List.copyOf(images);
        files = List.copyOf(files);
    }
}
