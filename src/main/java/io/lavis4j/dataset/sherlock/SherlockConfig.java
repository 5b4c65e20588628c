package io.lavis4j.dataset.sherlock;

import io.lavis4j.config.Section;
import io.lavis4j.dataset.AnnotationFile;
import io.lavis4j.dataset.DatasetConfig;
import io.lavis4j.dataset.SampleSource;
import io.lavis4j.dataset.Source;
import io.lavis4j.image.RegionMode;
import io.lavis4j.processor.ImagePipelines;
import io.lavis4j.processor.Processors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Annotations of Sherlock and the images that they are of.
 *
 * @param name the entry's key
 * @param annotations files by split, in the order of the configuration
 * @param imageRoots folders of images, searched in this order
 * @param processors of its images and texts
 * @param regionMode how regions appear in images
 * @param mapper from a record to a sample
 * @param minConfidence training records of less, or of unknown confidence, are left out; 0 takes all
 */
public record SherlockConfig(
        String name,
        Map<String, List<AnnotationFile>> annotations,
        List<Path> imageRoots,
        Processors processors,
        RegionMode regionMode,
        SampleMapper mapper,
        double minConfidence)
        implements DatasetConfig {

    private static final List<String> SPLITS = List.of("train", "val", "test");

    public SherlockConfig {
        annotations = Collections.unmodifiableMap(new LinkedHashMap<>(annotations));
        imageRoots = List.copyOf(imageRoots);
    }

    @Override
    public Set<String> splits() {
        return annotations.keySet();
    }

    @Override
    public String textStart() {
        return mapper.textStart(processors.text().trainOrEval());
    }

    @Override
    public boolean hasTextOutput() {
        return mapper.hasTextOutput(processors.text().trainOrEval());
    }

    /** The same with another mapper than the configuration names. */
    public SherlockConfig withMapper(SampleMapper other) {
        return new SherlockConfig(name, annotations, imageRoots, processors, regionMode, other, minConfidence);
    }

    /** In evaluation texts are made as in training, too: it is they that the validation loss is of. */
    @Override
    public Source open(String split, boolean training) {
        return new SampleSource(
                SherlockBuilder.build(this, split, training),
                training ? processors.vis().train() : processors.vis().eval(),
                processors.text().trainOrEval(),
                ImagePipelines.best());
    }

    static SherlockConfig read(String name, Section section, Processors processors, @Nullable Path dataRoot) {
        var reader = new Reader(dataRoot);
        var info = section.section("build_info");
        info.read(reader::files);
        return new SherlockConfig(
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
