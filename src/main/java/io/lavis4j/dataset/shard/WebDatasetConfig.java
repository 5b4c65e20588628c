package io.lavis4j.dataset.shard;

import io.lavis4j.config.Section;
import io.lavis4j.dataset.DatasetConfig;
import io.lavis4j.dataset.Source;
import io.lavis4j.processor.Processors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Shards as LAVIS's LAION sets have them; they are trained on.
 *
 * @param name the entry's key
 * @param shards key {@code build_info.storage}, one pattern or several, see {@link ShardPattern}
 * @param samples ours, key {@code build_info.samples}: samples per epoch; {@code null} counts them
 * @param shuffleBuffer ours, key {@code shuffle_buffer}: samples that one is drawn from, 1000 as in LAVIS
 * @param processors of its images and texts
 */
public record WebDatasetConfig(
        String name, List<Path> shards, @Nullable Integer samples, int shuffleBuffer, Processors processors)
        implements DatasetConfig {

    private static final int SHUFFLE_BUFFER = 1000;

    public WebDatasetConfig {
        shards = List.copyOf(shards);
    }

    @Override
    public Set<String> splits() {
        return Set.of("train");
    }

    /** @throws IllegalArgumentException if the split is another than {@code train} */
    @Override
    public Source open(String split, boolean training) {
        if (!splits().contains(split)) {
            throw new IllegalArgumentException(
                    "data set %s lies in shards, which have no split %s".formatted(name, split));
        }
        return StreamSource.open(this);
    }

    static WebDatasetConfig read(String name, Section section, Processors processors, @Nullable Path dataRoot) {
        var shards = new ArrayList<Path>();
        var samples = new ArrayList<Integer>();
        section.section("build_info").read(info -> {
            for (String pattern : info.strings("storage")) {
                for (String shard : ShardPattern.expand(pattern)) {
                    var path = DatasetConfig.below(info, shard, dataRoot);
                    if (path == null) {
                        break; // the same is wrong with the others
                    }
                    shards.add(path);
                }
            }
            if (info.has("samples")) {
                int count = info.integer("samples");
                info.check(count >= 1, "samples", "at least 1");
                samples.add(count);
            }
            return shards;
        });
        int buffer = section.integer("shuffle_buffer", SHUFFLE_BUFFER);
        section.check(buffer >= 1, "shuffle_buffer", "at least 1");
        return new WebDatasetConfig(name, shards, samples.isEmpty() ? null : samples.get(0), buffer, processors);
    }
}
