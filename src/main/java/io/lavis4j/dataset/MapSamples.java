package io.lavis4j.dataset;

import io.lavis4j.processor.ImageProcessor;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Data sets one after the other, as one list of samples. A sample's draws derive from its number in this list, and what
 * replaces a broken one is of the same data set.
 */
final class MapSamples implements EpochSamples {

    private final List<SampleSource> sources;
    private final EpochOrder order;
    private final LoaderConfig config;
    private final int[] firsts;

    /**
     * The samples of an order.
     *
     * @param sources at least one, all with images of one size
     */
    MapSamples(List<SampleSource> sources, EpochOrder order, LoaderConfig config) {
        this.sources = List.copyOf(sources);
        this.order = order;
        this.config = config;
        firsts = new int[sources.size()];
        for (int i = 1; i < firsts.length; i++) {
            firsts[i] = firsts[i - 1] + sources.get(i - 1).dataset().size();
        }
        var sizes = sources.stream()
                .collect(Collectors.groupingBy(source -> source.imageProcessor().imageSize()));
        if (sizes.size() > 1) {
            throw new IllegalArgumentException(
                    "data sets %s are trained together, expected images of one size, got image_size %s"
                            .formatted(name(), sizes.keySet()));
        }
    }

    /** The samples in the order of {@code config}. */
    static MapSamples of(List<SampleSource> sources, LoaderConfig config) {
        return new MapSamples(sources, order(sources, config), config);
    }

    private static EpochOrder order(List<SampleSource> sources, LoaderConfig config) {
        if (sources.isEmpty()) {
            throw new IllegalArgumentException("expected at least one data set, got none");
        }
        long size =
                sources.stream().mapToLong(source -> source.dataset().size()).sum();
        if (size > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("expected less than 2^31 samples in all data sets, got " + size);
        }
        return config.shuffle()
                ? EpochOrder.shuffled((int) size, config.seed(), sources.get(0).random())
                        .ofRank(config.share())
                : EpochOrder.sequential((int) size).batchesOfRank(config.share(), config.batchSize());
    }

    @Override
    public String name() {
        return sources.stream().map(source -> source.dataset().name()).collect(Collectors.joining("+"));
    }

    @Override
    public long size() {
        return order.size();
    }

    @Override
    public int imageSize() {
        return sources.get(0).imageProcessor().imageSize();
    }

    @Override
    public boolean repeatsImages() {
        return sources.stream().map(SampleSource::imageProcessor).allMatch(ImageProcessor::isRepeatable);
    }

    @Override
    public long views(int drawn) {
        return sources.stream().mapToLong(source -> source.views(drawn)).sum();
    }

    @Override
    public Iterator<Load> epoch(int epoch, long first, @Nullable Executor workers) {
        return Arrays.stream(order.of(epoch))
                .skip(first)
                .mapToObj(index -> load(epoch, index))
                .iterator();
    }

    private Load load(int epoch, int index) {
        int found = Arrays.binarySearch(firsts, index);
        int set = found >= 0 ? lastOf(found) : -found - 2;
        return place -> sources.get(set).load(config, epoch, firsts[set], index - firsts[set], place);
    }

    /** Data sets without samples begin where the next one does. */
    private int lastOf(int set) {
        while (set + 1 < firsts.length && firsts[set + 1] == firsts[set]) {
            set++;
        }
        return set;
    }
}
