package io.lavis4j.check;

import io.lavis4j.dataset.AnnotationFile;
import io.lavis4j.dataset.BuildInfo;
import io.lavis4j.dataset.DatasetConfig;
import io.lavis4j.download.Catalog;
import io.lavis4j.download.PublishedDataset;
import io.lavis4j.io.FileNames;
import io.lavis4j.io.Listing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The conditions of data sets that the catalog knows, and the files beside them that state any. */
record Terms(Catalog catalog) {

    private static final Pattern NAME = Pattern.compile("(?i)(licen[cs]e|copying|terms|agreement)\\b.*");

    /** A note for each data set that is made of files. */
    List<Problem> of(List<DatasetConfig> datasets) {
        var notes = new ArrayList<Problem>();
        for (var dataset : datasets) {
            var files = dataset.files();
            if (files != null) {
                var lines = lines(files);
                notes.add(new Problem(Kind.TERMS, dataset.name(), lines.size(), lines, Kind.TERMS.advice()));
            }
        }
        return notes;
    }

    private List<String> lines(BuildInfo files) {
        var paths = paths(files);
        var published = new LinkedHashSet<PublishedDataset>();
        paths.stream().map(catalog::providing).flatMap(Optional::stream).forEach(known -> {
            published.add(known);
            known.images().forEach(images -> published.add(catalog.dataset(images)));
        });
        var lines = new ArrayList<String>();
        published.forEach(known -> lines.add("%s: %s".formatted(known.title(), known.terms())));
        if (published.isEmpty()) {
            lines.add("the catalog of downloads does not know these files; ask who gave them to you");
        }
        var folders = new LinkedHashSet<Path>(files.imageRoots());
        paths.stream().map(Path::getParent).filter(Objects::nonNull).forEach(folders::add);
        lines.add(stated(folders));
        return lines;
    }

    /** The annotation files of all splits. */
    static List<Path> paths(BuildInfo files) {
        return files.annotations().values().stream()
                .flatMap(List::stream)
                .map(Terms::path)
                .toList();
    }

    /** Where an annotation file lies or would lie. */
    static Path path(AnnotationFile file) {
        var storage = file.storage();
        var url = file.url();
        return url != null && (storage == null || AnnotationFile.isFile(url))
                ? FileNames.path(url)
                : Objects.requireNonNull(storage);
    }

    /** The files in these folders whose names say that they state terms, in words. */
    static String stated(Set<Path> folders) {
        var found = new ArrayList<Path>();
        for (var folder : folders) {
            if (Files.isDirectory(folder)) {
                try (var entries = Files.list(folder)) {
                    entries.filter(entry -> NAME.matcher(String.valueOf(entry.getFileName()))
                                    .matches())
                            .filter(Files::isRegularFile)
                            .forEach(found::add);
                } catch (IOException e) {
                    throw new UncheckedIOException(folder + " cannot be listed: " + e.getMessage(), e);
                }
            }
        }
        return found.isEmpty()
                ? "no licence file lies beside these files"
                : "stated in " + Listing.of(found.stream().sorted().toList());
    }
}
