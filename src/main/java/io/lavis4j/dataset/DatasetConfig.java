package io.lavis4j.dataset;

import io.lavis4j.config.Section;
import io.lavis4j.processor.Processors;
import io.lavis4j.processor.RegionMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A data set of LAVIS's configuration files: one entry of {@code datasets}.
 *
 * @param name the entry's key
 * @param annotations files by split, in the order of the configuration
 * @param imageRoots folders of pictures, searched in this order
 * @param processors of its pictures and texts
 * @param regionMode how regions appear in pictures
 * @param mapper what a sample makes of a record
 * @param minConfidence training records of less, or of unknown confidence, are left out; 0 takes all
 */
public record DatasetConfig(
        String name,
        Map<String, List<AnnotationFile>> annotations,
        List<Path> imageRoots,
        Processors processors,
        RegionMode regionMode,
        SherlockMapper mapper,
        double minConfidence) {

    private static final List<String> SPLITS = List.of("train", "val", "test");

    public DatasetConfig {
        annotations = Collections.unmodifiableMap(new LinkedHashMap<>(annotations));
        imageRoots = List.copyOf(imageRoots);
    }

    /** The splits there are. */
    public Set<String> splits() {
        return annotations.keySet();
    }

    /**
     * Reads an entry of {@code datasets}; what is wrong with it is noted in the section.
     *
     * @param dataRoot what relative storage paths lie below, key {@code data_root}; {@code null} if there is none
     */
    public static DatasetConfig read(String name, Section section, @Nullable Path dataRoot) {
        String type = section.string("data_type", "images");
        if (!type.equals("images")) {
            section.problem("data_type", "is \"%s\", expected images".formatted(type));
        }
        section.ignore("type"); // has chosen the file that this section was merged from
        section.ignore("dataset_card");
        var processors = Processors.read(section);
        var reader = new Reader(dataRoot);
        var info = section.section("build_info");
        info.read(reader::files);
        return new DatasetConfig(
                name,
                reader.annotations,
                reader.imageRoots,
                processors,
                section.choice("region_mode", RegionMode.HIGHLIGHT),
                section.choice("mapper", SherlockMapper.INFERENCE),
                section.number("min_confidence", 0));
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
                    var root = below(images, storage);
                    if (root != null) {
                        imageRoots.add(root);
                    }
                }
                if (!images.has("storage")) {
                    images.problem("storage", "is missing; expected the folder of the pictures");
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
                            "has %d entries and url %d; expected as many".formatted(storages.size(), urls.size()));
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
                section.problem("url", "is \"%s\", which is no file here; expected storage too".formatted(url));
                return null;
            }
            var path = below(section, storage);
            return path == null ? null : new AnnotationFile(url, path, md5);
        }

        private @Nullable Path below(Section section, String storage) {
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

        private static @Nullable String entry(List<String> list, int index) {
            return index < list.size() ? list.get(index) : null;
        }
    }
}
