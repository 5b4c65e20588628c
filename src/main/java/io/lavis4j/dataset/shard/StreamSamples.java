package io.lavis4j.dataset.shard;

import static io.lavis4j.io.Arguments.require;

import io.lavis4j.dataset.EpochSamples;
import io.lavis4j.dataset.LoadedSample;
import io.lavis4j.dataset.LoaderConfig;
import io.lavis4j.dataset.Replacements;
import io.lavis4j.dataset.Share;
import io.lavis4j.features.ImagePlace;
import io.lavis4j.features.View;
import io.lavis4j.image.Regions;
import java.util.Iterator;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The samples of shards. Their order comes from the headers of the tar files alone, so any sample can be the first
 * without those before it being decoded, and workers change nothing.
 *
 * <p>Processes that train share the shards: each goes over its own until it has its share of the samples.
 */
public final class StreamSamples implements EpochSamples {

    private final StreamSource source;
    private final LoaderConfig config;
    private final Share shards;

    StreamSamples(StreamSource source, LoaderConfig config) {
        this.source = source;
        this.config = config;
        shards = config.shuffle() ? config.share() : Share.WHOLE;
        require(
                source.shards().size() >= shards.world(),
                "%s: %d processes share %d shards, expected one or more for each; write smaller shards",
                source.name(),
                shards.world(),
                source.shards().size());
    }

    @Override
    public String name() {
        return source.name();
    }

    /** In training the same for every process, so that all make as many steps. */
    @Override
    public long size() {
        return config.shuffle()
                ? source.samples() / shards.world()
                : config.share().ofBatches(source.samples(), config.batchSize());
    }

    @Override
    public int imageSize() {
        return source.imageProcessor().imageSize();
    }

    @Override
    public boolean repeatsImages() {
        return source.imageProcessor().isRepeatable();
    }

    @Override
    public long views(int drawn) {
        return source.imageProcessor().isRandom() ? source.samples() * drawn : source.samples();
    }

    @Override
    public Iterator<Load> epoch(int epoch, long first, @Nullable Executor workers) {
        var order = new StreamOrder(source, config, shards, epoch, workers);
        return new Iterator<>() {
            private long next = first;
            private long passed;

            @Override
            public boolean hasNext() {
                return next < size();
            }

            @Override
            public Load next() {
                long position = config.shuffle() ? next : config.share().placeInBatches(next, config.batchSize());
                for (; passed < position; passed++) {
                    order.next();
                }
                var sample = order.next();
                passed++;
                next++;
                return place -> load(sample, epoch, position, place);
            }
        };
    }

    private LoadedSample load(StreamOrder.Place sample, int epoch, long position, ImagePlace place) {
        long number = position * shards.world() + shards.rank();
        var reader = new ShardReader(sample.index(), source.textProcessor());
        var replacements = source.random().of(config.seed(), epoch, -2L - shards.world() - number);
        var loaded = new Replacements(config.onBroken(), sample.firstId(), reader.size())
                .load(sample.number(), replacements, reader::named, candidate -> {
                    var content = reader.read(candidate);
                    var draws = source.random().of(config.seed(), epoch, number);
                    place.fill(
                            new View(
                                    sample.index().shard(),
                                    reader.offset(candidate),
                                    Regions.NONE,
                                    source.imageProcessor()),
                            epoch,
                            draws,
                            (drawn, out) -> source.pipeline()
                                    .load(
                                            content.image(),
                                            "its image",
                                            Regions.NONE,
                                            source.imageProcessor(),
                                            drawn,
                                            out));
                    return reader.texts(candidate, content).asked(source.textProcessor(), draws);
                });
        return loaded.withFaults(sample.faults());
    }
}
