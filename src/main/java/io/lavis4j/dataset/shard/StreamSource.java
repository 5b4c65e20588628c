package io.lavis4j.dataset.shard;

import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.dataset.EpochSamples;
import io.lavis4j.dataset.LoaderConfig;
import io.lavis4j.dataset.SampleRandomSource;
import io.lavis4j.dataset.Source;
import io.lavis4j.io.Listing;
import io.lavis4j.processor.ImagePipeline;
import io.lavis4j.processor.ImagePipelines;
import io.lavis4j.processor.ImageProcessor;
import io.lavis4j.processor.SeededSampleRandom;
import io.lavis4j.processor.TextProcessor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A data set in shards: tar files as WebDataset writes them.
 *
 * @param name in messages
 * @param shards tar files
 * @param samples of one epoch of all processes
 * @param shuffleBuffer samples that one is drawn from
 * @param imageProcessor crops, resizes and normalises
 * @param textProcessor makes the texts
 * @param pipeline reads images
 * @param random the random numbers of order and samples
 */
public record StreamSource(
        String name,
        List<Path> shards,
        long samples,
        int shuffleBuffer,
        ImageProcessor imageProcessor,
        TextProcessor textProcessor,
        ImagePipeline pipeline,
        SampleRandomSource random)
        implements Source {

    private static final Logger LOG = LoggerFactory.getLogger(StreamSource.class);

    /** Reasons in a message. */
    private static final int REASONS = 3;

    public StreamSource {
        shards = List.copyOf(shards);
        if (samples < 1 || shuffleBuffer < 1) {
            throw new IllegalArgumentException("%s: samples and shuffle buffer must be at least 1, got %d and %d"
                    .formatted(name, samples, shuffleBuffer));
        }
    }

    /** @throws IllegalArgumentException if processes share them for training and there is not one shard for each */
    @Override
    public EpochSamples samples(LoaderConfig config) {
        return new StreamSamples(this, config);
    }

    /**
     * The training data of a configuration. Without a number of samples in the configuration the headers of all shards
     * are read to count them.
     *
     * @throws AnnotationException if shards are not there, or hold no sample
     */
    public static StreamSource open(WebDatasetConfig config) {
        var missing = config.shards().stream()
                .filter(shard -> !Files.isRegularFile(shard))
                .toList();
        if (!missing.isEmpty()) {
            throw new AnnotationException(
                    "data set %s: %d of %d shards are not there, or are folders, the first is %s. Put them there, or set build_info.storage or data_root to where they are. Nothing is downloaded."
                            .formatted(
                                    config.name(),
                                    missing.size(),
                                    config.shards().size(),
                                    missing.get(0)));
        }
        var configured = config.samples();
        long samples = configured == null ? count(config) : configured;
        LOG.info(
                "data set {}: {} shards, {} samples per epoch",
                config.name(),
                config.shards().size(),
                samples);
        return new StreamSource(
                config.name(),
                config.shards(),
                samples,
                config.shuffleBuffer(),
                config.processors().vis().train(),
                config.processors().text().trainOrEval(),
                ImagePipelines.best(),
                SeededSampleRandom::of);
    }

    private static long count(WebDatasetConfig config) {
        var shards = config.shards().parallelStream()
                .map(ShardIndex::read)
                .map(index -> new Counted(index.samples().size(), first(index.reasons())))
                .toList();
        long samples = shards.stream().mapToLong(Counted::samples).sum();
        if (samples == 0) {
            throw withoutSample(
                    config.name(),
                    shards.size(),
                    shards.stream().flatMap(shard -> shard.reasons().stream()).toList());
        }
        return samples;
    }

    /** What is kept of a shard's index. */
    private record Counted(int samples, List<String> reasons) {}

    private static List<String> first(List<String> reasons) {
        return reasons.subList(0, Math.min(reasons.size(), REASONS));
    }

    /** The error where no shard has a sample, for reasons of which the first are said. */
    static AnnotationException withoutSample(String name, int shards, List<String> reasons) {
        return new AnnotationException("data set %s: none of the %d shards has a whole sample:%s"
                .formatted(name, shards, Listing.lines(first(reasons), REASONS)));
    }
}
