package io.lavis4j.dataset.shard;

import static io.lavis4j.io.Arguments.require;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.dataset.EpochSamples;
import io.lavis4j.dataset.LoadedSample;
import io.lavis4j.dataset.LoaderConfig;
import io.lavis4j.dataset.Replacements;
import io.lavis4j.dataset.SampleTexts;
import io.lavis4j.dataset.Share;
import io.lavis4j.image.BrokenImageException;
import io.lavis4j.image.Regions;
import io.lavis4j.io.JsonText;
import io.lavis4j.io.TextFile;
import io.lavis4j.processor.PixelBuffer;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.Iterator;
import java.util.List;
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

    private LoadedSample load(StreamOrder.Place sample, int epoch, long position, PixelBuffer place) {
        long number = position * shards.world() + shards.rank();
        var index = sample.index();
        var replacements = source.random().of(config.seed(), epoch, -2L - shards.world() - number);
        var loaded = new Replacements(
                        config.onBroken(), sample.firstId(), index.samples().size())
                .load(sample.number(), replacements, index::named, candidate -> {
                    var entry = index.samples().get(candidate);
                    var content = content(index, entry);
                    var draws = source.random().of(config.seed(), epoch, number);
                    source.pipeline()
                            .load(
                                    content.image(),
                                    "its image",
                                    Regions.NONE,
                                    source.imageProcessor(),
                                    draws,
                                    place.duplicate());
                    String words = words(entry, content.text());
                    String id = index.shard().getFileName() + "/" + entry.key();
                    var text = source.textProcessor();
                    return SampleTexts.of(id, text.process(words))
                            .withReferences(List.of(words))
                            .asked(text, draws);
                });
        return loaded.withFaults(sample.faults());
    }

    @SuppressWarnings("ArrayRecordComponent") // read at once, never compared
    private record Content(byte[] image, byte[] text) {}

    private static Content content(ShardIndex index, ShardIndex.Entry entry) {
        try (var file = FileChannel.open(index.shard())) {
            return new Content(entry.image().read(file), entry.text().read(file));
        } catch (IOException e) {
            throw new BrokenImageException("the shard cannot be read (%s)".formatted(e), e);
        }
    }

    private static String words(ShardIndex.Entry entry, byte[] text) {
        try {
            return (entry.json() ? caption(JsonText.parse(text)) : TextFile.decode(text)).strip();
        } catch (JsonProcessingException e) {
            throw new BrokenImageException("its json cannot be read (%s)".formatted(e.getOriginalMessage()), e);
        } catch (IOException e) {
            throw new BrokenImageException(
                    "its %s cannot be read (%s)".formatted(entry.json() ? "json" : "txt", e.getMessage()), e);
        }
    }

    private static String caption(JsonNode json) {
        var caption = json.path("caption");
        if (!caption.isTextual() || !JsonText.isWhole(caption.textValue())) {
            throw new BrokenImageException(
                    "its json has no text under caption, but %.60s".formatted(JsonText.found(caption)));
        }
        return caption.textValue();
    }
}
