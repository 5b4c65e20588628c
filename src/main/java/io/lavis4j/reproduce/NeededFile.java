package io.lavis4j.reproduce;

import io.lavis4j.config.Configuration;
import io.lavis4j.config.Section;
import io.lavis4j.runner.JobConfig;
import io.lavis4j.zoo.WeightFiles;
import io.lavis4j.zoo.WeightSource;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file or folder that an evaluation needs on disk.
 *
 * @param kind {@code vision encoder}, {@code annotations}, ...
 * @param reference as the configuration names it
 * @param found where it is; {@code null} if it is missing
 */
public record NeededFile(
        String kind, String reference, @Nullable String found) {

    private static final List<String> REFERENCES = List.of("annotation_file", "load_gt_from_file");

    /** All that a configuration names: weights, then annotations and images of the splits that are tested. */
    public static List<NeededFile> of(Configuration config, WeightFiles weights) {
        var files = new ArrayList<NeededFile>();
        var sources = JobConfig.withoutData(config).model().sources();
        boolean withCheckpoint = sources.stream().anyMatch(WeightSource::isCheckpoint);
        for (var source : sources) {
            if (!source.isOptional(withCheckpoint)) {
                files.add(weights(source, weights));
            }
        }
        var root = config.root();
        var run = root.section("run");
        var splits = run.strings("test_splits");
        root.section("datasets").sections().forEach((name, dataset) -> {
            var info = dataset.sectionIfPresent("build_info");
            var annotations = info == null ? null : info.sectionIfPresent("annotations");
            for (String split : splits) {
                add(
                        files,
                        name + ", annotations",
                        annotations == null ? null : annotations.sectionIfPresent(split),
                        config);
            }
            add(files, name + ", images", info == null ? null : info.sectionIfPresent("images"), config);
        });
        for (String key : REFERENCES) {
            if (run.values().get(key) instanceof String reference) {
                files.add(data("references", reference, Path.of(reference)));
            }
        }
        return List.copyOf(files);
    }

    private static NeededFile weights(WeightSource<?> source, WeightFiles weights) {
        try {
            return new NeededFile(
                    source.part(), source.reference(), source.find(weights).toString());
        } catch (UncheckedIOException e) {
            return new NeededFile(source.part(), source.reference(), null);
        }
    }

    private static void add(List<NeededFile> files, String kind, @Nullable Section section, Configuration config) {
        if (section != null) {
            var dataRoot = config.dataRoot();
            for (String storage : section.strings("storage")) {
                files.add(data(kind, storage, placed(section.file("storage", storage), dataRoot)));
            }
        }
    }

    /** The place of a path; {@code null} if it is below a root that is not known. */
    private static @Nullable Path placed(@Nullable Path path, @Nullable Path dataRoot) {
        if (path == null || path.isAbsolute()) {
            return path;
        }
        return dataRoot == null ? null : dataRoot.resolve(path);
    }

    private static NeededFile data(String kind, String reference, @Nullable Path path) {
        return new NeededFile(
                kind,
                reference,
                path != null && Files.exists(path) ? path.normalize().toString() : null);
    }
}
