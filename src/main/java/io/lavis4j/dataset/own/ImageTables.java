package io.lavis4j.dataset.own;

import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.dataset.BuildInfo;
import io.lavis4j.dataset.ImagePaths;
import io.lavis4j.dataset.OnBroken;
import io.lavis4j.dataset.record.Annotations;
import java.util.Set;

/**
 * Files of records: tables, JSON lines, JSON lists, and COCO's captions.
 *
 * @param files by split, and the folders of images
 * @param columns that are read
 */
record ImageTables(BuildInfo files, Columns columns) implements ImageTextSource {

    private static final String EXPECTED =
            "a list of records, or COCO's form {\"images\": [{\"id\", \"file_name\"}], \"annotations\": [{\"image_id\", ...}]}";

    @Override
    public Set<String> splits() {
        return files.splits();
    }

    @Override
    public boolean asks() {
        return columns.question() != null;
    }

    @Override
    public Annotations<ImageText> read(String dataset, String split, OnBroken onFault) {
        var paths = files.locate(dataset, split);
        var reader = new ImageTextReader(columns, new ImagePaths(files.imageRoots()));
        var read = Annotations.read(paths, EXPECTED, onFault, reader);
        if (read.records().isEmpty()) {
            throw new AnnotationException(
                    "data set %s, split %s: none of the %d records of %s can be used; the first: %s"
                            .formatted(
                                    dataset,
                                    split,
                                    read.skipped(),
                                    paths,
                                    read.faults().get(0)));
        }
        if (columns.region() != null && !reader.sawRegions()) {
            throw new AnnotationException(
                    "data set %s, split %s: no record of %s has the column %s, which columns.region names"
                            .formatted(dataset, split, paths, columns.region()));
        }
        return read;
    }
}
