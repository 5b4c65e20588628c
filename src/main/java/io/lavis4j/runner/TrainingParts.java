package io.lavis4j.runner;

import io.lavis4j.config.ConfigException;
import io.lavis4j.dataset.DatasetConfig;
import io.lavis4j.dataset.EpochSamples;
import io.lavis4j.dataset.LoaderConfig;
import io.lavis4j.dataset.SampleSource;
import io.lavis4j.dataset.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The training data of a run put together. Without ratios all lists of samples are one part and each other data set is
 * a part of its own, all of one ratio, as in LAVIS.
 *
 * @param samples of each part, which is trained on as one data set
 * @param ratios by which batches are mixed of the parts
 */
public record TrainingParts(List<EpochSamples> samples, List<Double> ratios) {

    public TrainingParts {
        samples = List.copyOf(samples);
        ratios = List.copyOf(ratios);
    }

    /**
     * Puts opened data sets together.
     *
     * @param opened in the order of the configuration
     * @param loading of the run's training, {@link RunConfig#loader}
     * @throws ConfigException if a part has no whole batch
     */
    public static TrainingParts of(JobConfig config, Map<DatasetConfig, Source> opened, LoaderConfig loading) {
        var parts = new ArrayList<EpochSamples>();
        var ratios = new ArrayList<Double>();
        var together = new ArrayList<SampleSource>();
        opened.forEach((dataset, source) -> {
            var ratio = config.data().trainRatios().get(dataset.name());
            if (ratio == null && source instanceof SampleSource list) {
                together.add(list);
            } else {
                parts.add(source.samples(loading));
                ratios.add(ratio == null ? 1.0 : ratio);
            }
        });
        if (!together.isEmpty()) {
            parts.add(SampleSource.together(together, loading));
            ratios.add(1.0);
        }
        parts.forEach(part -> requireBatch(part, loading.batchSize()));
        return new TrainingParts(parts, ratios);
    }

    private static void requireBatch(EpochSamples part, int batchSize) {
        if (part.size() < batchSize) {
            throw new ConfigException(List.of(
                    "run.batch_size_train is %d, but data set %s has %d samples per epoch, and a smaller last batch is left out; set run.batch_size_train to %3$d or less, and run.accum_grad_iters to make up for it"
                            .formatted(batchSize, part.name(), part.size())));
        }
    }

    /** Batches per epoch of all parts. */
    int batchesPerEpoch(int batchSize) {
        return Math.toIntExact(
                samples.stream().mapToLong(part -> part.size() / batchSize).sum());
    }

    /** How often a run goes over these data; the last time perhaps not to their end. */
    public int epochs(RunConfig run) {
        int batches = batchesPerEpoch(run.loading().batchSizeTrain());
        return Math.toIntExact((RunPlan.of(run, batches).total() - 1) / batches + 1);
    }
}
