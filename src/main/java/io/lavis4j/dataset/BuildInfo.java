package io.lavis4j.dataset;

import io.lavis4j.config.Section;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of a data set, LAVIS's {@code build_info}.
 *
 * @param annotations files by split, in the order of the configuration
 * @param imageRoots folders of images, searched in this order
 */
public record BuildInfo(Map<String, List<AnnotationFile>> annotations, List<Path> imageRoots) {

    private static final Logger LOG = LoggerFactory.getLogger(BuildInfo.class);
    private static final List<String> SPLITS = List.of("train", "val", "test");

    public BuildInfo {
        annotations = Collections.unmodifiableMap(new LinkedHashMap<>(annotations));
        imageRoots = List.copyOf(imageRoots);
    }

    /** Reads the section {@code build_info} of a data set's entry; what is wrong is noted in it. */
    public static BuildInfo read(Section entry, @Nullable Path dataRoot) {
        var reader = new Reader(dataRoot);
        entry.section("build_info").read(reader::files);
        return new BuildInfo(reader.annotations, reader.imageRoots);
    }

    /** The splits with annotation files. */
    public Set<String> splits() {
        return annotations.keySet();
    }

    /**
     * The annotation files of a split, which are there and whole; a folder of images that is not there is warned of.
     *
     * @param dataset its name, for messages
     * @throws AnnotationException if a file is not there or has another checksum
     */
    public List<Path> locate(String dataset, String split) {
        var files = annotations.get(split);
        if (files == null) {
            throw new IllegalArgumentException(
                    "data set %s has no split \"%s\", expected one of %s".formatted(dataset, split, splits()));
        }
        String user = "data set %s, split %s".formatted(dataset, split);
        var paths = files.stream().map(file -> file.locate(user)).toList();
        for (var root : imageRoots) {
            if (!Files.isDirectory(root)) {
                LOG.warn(
                        "{}: folder of images {} is not there; set data_root or build_info.images.storage", user, root);
            }
        }
        return paths;
    }

    /** Reads {@code build_info}. */
    private static final class Reader {
        private final @Nullable Path dataRoot;
        private final Map<String, List<AnnotationFile>> annotations = new LinkedHashMap<>();
        private final List<Path> imageRoots = new ArrayList<>();

        Reader(@Nullable Path dataRoot) {
            this.dataRoot = dataRoot;
        }

        Reader files(Section info) {
            var splits = info.section("annotations");
            splits.read(section -> {
                for (String split : SPLITS) {
                    var files = section.sectionIfPresent(split);
                    if (files != null) {
                        annotations.put(split, annotationFiles(files));
                    }
                }
                return annotations;
            });
            info.section("images").read(images -> {
                for (String storage : images.strings("storage")) {
                    var root = DatasetConfig.below(images, storage, dataRoot);
                    if (root != null) {
                        imageRoots.add(root);
                    }
                }
                if (!images.has("storage")) {
                    images.problem("storage", "is missing; expected the folder of the images");
                }
                return imageRoots;
            });
            return this;
        }

        private List<AnnotationFile> annotationFiles(Section files) {
            var found = new ArrayList<AnnotationFile>();
            files.read(section -> {
                var urls = section.strings("url");
                var storages = section.strings("storage");
                var sums = section.strings("md5");
                int count = Math.max(urls.size(), storages.size());
                if (count == 0) {
                    section.problem("storage", "is missing; expected the path of the annotation file");
                } else if (!urls.isEmpty() && !storages.isEmpty() && urls.size() != storages.size()) {
                    section.problem(
                            "storage",
                            "has %d entries and url %d; expected as many, or url: null for files that are here"
                                    .formatted(storages.size(), urls.size()));
                } else {
                    for (int i = 0; i < count; i++) {
                        var file = file(section, entry(urls, i), entry(storages, i), entry(sums, i));
                        if (file != null) {
                            found.add(file);
                        }
                    }
                }
                return found;
            });
            return List.copyOf(found);
        }

        private @Nullable AnnotationFile file(
                Section section, @Nullable String url, @Nullable String storage, @Nullable String md5) {
            if (url != null && AnnotationFile.isFile(url)) {
                return new AnnotationFile(url, null, md5);
            }
            if (storage == null) {
                section.problem("url", "is \"%s\", which is not a file here; expected storage too".formatted(url));
                return null;
            }
            var path = DatasetConfig.below(section, storage, dataRoot);
            return path == null ? null : new AnnotationFile(url, path, md5);
        }

        private static @Nullable String entry(List<String> list, int index) {
            return index < list.size() ? list.get(index) : null;
        }
    }
}
