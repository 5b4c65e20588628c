package io.lavis4j.dataset.own;

import io.lavis4j.config.Section;
import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.dataset.BuildInfo;
import io.lavis4j.dataset.DatasetConfig;
import io.lavis4j.dataset.OnBroken;
import io.lavis4j.dataset.record.Annotations;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Folders of images with texts beside them, by split.
 *
 * @param folders in the order of the splits
 */
record ImageFolders(Map<String, Path> folders) implements ImageTextSource {

    private static final List<String> SPLITS = List.of("train", "val", "test");

    ImageFolders {
        folders = Collections.unmodifiableMap(new LinkedHashMap<>(folders));
    }

    /**
     * Reads {@code build_info.images}: {@code storage}, the folder of the training split, which is the data root if it
     * is not said, or a section with {@code storage} for each split.
     */
    static ImageFolders read(Section entry, @Nullable Path dataRoot) {
        var folders = new LinkedHashMap<String, Path>();
        var info = entry.sectionIfPresent("build_info");
        var images = info == null ? null : info.read(section -> section.sectionIfPresent("images"));
        if (images == null) {
            put(folders, "train", DatasetConfig.below(entry, ".", dataRoot));
            return new ImageFolders(folders);
        }
        images.read(section -> {
            for (String split : SPLITS) {
                var folder = section.sectionIfPresent(split);
                if (folder != null) {
                    folder.read(own -> put(folders, split, DatasetConfig.below(own, own.string("storage"), dataRoot)));
                }
            }
            if (folders.isEmpty()) {
                put(folders, "train", DatasetConfig.below(section, section.string("storage", "."), dataRoot));
            } else if (section.has("storage")) {
                section.problem("storage", "is there beside " + folders.keySet() + "; expected one folder or splits");
            }
            return folders;
        });
        return new ImageFolders(folders);
    }

    private static Map<String, Path> put(Map<String, Path> folders, String split, @Nullable Path folder) {
        if (folder != null) {
            folders.put(split, folder);
        }
        return folders;
    }

    @Override
    public Set<String> splits() {
        return folders.keySet();
    }

    @Override
    public BuildInfo files() {
        return new BuildInfo(Map.of(), List.copyOf(folders.values()));
    }

    @Override
    public boolean asks() {
        return false;
    }

    @Override
    public Annotations<ImageText> read(String dataset, String split, OnBroken onFault) {
        var folder = folders.get(split);
        if (folder == null) {
            throw new IllegalArgumentException(
                    "data set %s has no split \"%s\", expected one of %s".formatted(dataset, split, splits()));
        }
        if (!Files.isDirectory(folder)) {
            throw new AnnotationException(
                    "data set %s, split %s: the folder of images %s is not there; set data_root or build_info.images"
                            .formatted(dataset, split, folder.toAbsolutePath()));
        }
        return FolderListing.of(folder).read(onFault);
    }
}
