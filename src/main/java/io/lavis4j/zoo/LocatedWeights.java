package io.lavis4j.zoo;

import io.lavis4j.model.BaseModel;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the files of a model are.
 *
 * @param paths by {@link WeightSource#part()}; without those that are nowhere and need not be
 */
public record LocatedWeights(Map<String, Path> paths) {

    public LocatedWeights {
        paths = Collections.unmodifiableMap(new LinkedHashMap<>(paths));
    }

    /**
     * Finds all files of a model.
     *
     * @throws java.io.UncheckedIOException if one is nowhere
     */
    public static <M extends BaseModel> LocatedWeights find(List<WeightSource<M>> sources, WeightFiles files) {
        var weights =
                files.needing(sources.stream().map(WeightSource::reference).toList());
        boolean withCheckpoint = sources.stream().anyMatch(WeightSource::isCheckpoint);
        var paths = new LinkedHashMap<String, Path>();
        for (var source : sources) {
            String reference = source.reference();
            switch (source.lookup()) {
                case FILE -> paths.put(source.part(), weights.file(reference));
                case TOKENIZER -> paths.put(source.part(), weights.tokenizer(reference));
                case MODEL -> paths.put(source.part(), weights.model(reference));
                case MODEL_UNLESS_CHECKPOINT -> {
                    if (withCheckpoint) {
                        weights.findModel(reference).ifPresent(path -> paths.put(source.part(), path));
                    } else {
                        paths.put(source.part(), weights.model(reference));
                    }
                }
            }
        }
        return new LocatedWeights(paths);
    }

    /** The file of a part, empty if it is nowhere. */
    public Optional<Path> find(String part) {
        return Optional.ofNullable(paths.get(part));
    }

    /** The file of a part that must be there. */
    public Path of(String part) {
        return find(part)
                .orElseThrow(() -> new IllegalStateException(
                        "no file was looked for \"%s\", only for %s".formatted(part, paths.keySet())));
    }
}
