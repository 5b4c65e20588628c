package io.lavis4j.runner;

import io.lavis4j.config.ConfigException;
import io.lavis4j.dataset.BatchLoader;
import io.lavis4j.dataset.DataLoader;
import io.lavis4j.dataset.EpochSamples;
import io.lavis4j.dataset.LoaderConfig;
import io.lavis4j.dataset.MixedLoader;
import io.lavis4j.dataset.SampleSource;
import io.lavis4j.dataset.Share;
import io.lavis4j.model.Texts;
import io.lavis4j.model.TrainableModel.Prepared;
import io.lavis4j.processor.SeededSampleRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.Device;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The data sets of a job, opened before the model is loaded.
 *
 * @param run whose batches are made
 * @param processes of which this is one
 * @param training parts that batches are mixed of, each trained on as one data set
 * @param ratios of the parts
 * @param evaluation data sets by split
 */
record JobData(
        RunConfig run,
        Share processes,
        List<EpochSamples> training,
        List<Double> ratios,
        Map<String, EpochSamples> evaluation) {

    private static final Logger LOG = LoggerFactory.getLogger(JobData.class);

    /**
     * Reads annotations. Without ratios all lists of samples are one part and each other data set is a part of its own,
     * all of one ratio, as in LAVIS. All processes pick batches of the same parts.
     *
     * @param processes of which this one loads a share
     * @throws ConfigException if a part has no whole batch
     */
    static JobData read(JobConfig config, Share processes) {
        var run = config.run();
        var data = config.data();
        var training = new ArrayList<EpochSamples>();
        var loading = loading(run, true, processes);
        var ratios = new ArrayList<Double>();
        if (!run.evaluate()) {
            String split = run.splits().train().get(0);
            var together = new ArrayList<SampleSource>();
            for (var dataset : data.with(List.of(split))) {
                var ratio = data.trainRatios().get(dataset.name());
                var source = dataset.open(split, true);
                if (ratio == null && source instanceof SampleSource list) {
                    together.add(list);
                } else {
                    training.add(source.samples(loading));
                    ratios.add(ratio == null ? 1.0 : ratio);
                }
            }
            if (!together.isEmpty()) {
                training.add(SampleSource.together(together, loading));
                ratios.add(1.0);
            }
            training.forEach(part -> requireBatch(run, part));
        }
        var evaluation = new LinkedHashMap<String, EpochSamples>();
        var evaluated = new LinkedHashSet<String>(run.splits().valid());
        evaluated.addAll(run.splits().test());
        for (String split : evaluated) {
            evaluation.put(split, data.evaluated(split).open(split, false).samples(loading(run, false, processes)));
        }
        return new JobData(run, processes, training, ratios, evaluation);
    }

    /** Training batches per epoch, before there are loaders. */
    int batchesPerEpoch() {
        int batchSize = run.loading().batchSizeTrain();
        return Math.toIntExact(
                training.stream().mapToLong(part -> part.size() / batchSize).sum());
    }

    /**
     * Loaders.
     *
     * @param prepare makes of training texts what the model takes, while images are loaded; {@code null} to leave that
     *     out. In evaluation a task prepares what it wants to learn of.
     */
    RunData loaders(Device device, @Nullable Function<Texts, Prepared> prepare) {
        var opened = new ArrayList<BatchLoader>();
        try {
            for (var part : training) {
                opened.add(new DataLoader(part, loading(run, true, processes), device, prepare));
            }
            var trained = opened.size() < 2
                    ? opened.stream().findFirst().orElse(null)
                    : new MixedLoader(List.copyOf(opened), ratios, run.seed(), SeededSampleRandom::of);
            if (trained != null) {
                var iterations = run.length().iterations();
                warnOfWarmup(iterations == null ? trained.batchesPerEpoch() : iterations.itersPerInnerEpoch());
            }
            var evaluated = new LinkedHashMap<String, BatchLoader>();
            evaluation.forEach((split, samples) -> {
                var loader = new DataLoader(samples, loading(run, false, processes), device, null);
                opened.add(loader);
                evaluated.put(split, loader);
            });
            return new RunData(trained, evaluated);
        } catch (RuntimeException | Error e) {
            opened.forEach(BatchLoader::close);
            throw e;
        }
    }

    private static void requireBatch(RunConfig run, EpochSamples part) {
        int batchSize = run.loading().batchSizeTrain();
        if (part.size() < batchSize) {
            throw new ConfigException(List.of(
                    "run.batch_size_train is %d, but data set %s has %d samples per epoch, and a smaller last batch is left out; set run.batch_size_train to %3$d or less, and run.accum_grad_iters to make up for it"
                            .formatted(batchSize, part.name(), part.size())));
        }
    }

    /** LAVIS's schedules warm up in the first epoch alone. */
    private void warnOfWarmup(int steps) {
        long warmup = run.optimization().schedule().warmupSteps();
        if (warmup > steps) {
            LOG.warn(
                    "run.warmup_steps is {}, but the first epoch, in which alone the rate warms up, has {} batches; set run.warmup_steps to {} or less",
                    warmup,
                    steps,
                    steps);
        }
    }

    private static LoaderConfig loading(RunConfig run, boolean forTraining, Share processes) {
        var loading = run.loading();
        var share = forTraining || run.sharing().evaluation() ? processes : Share.WHOLE;
        return new LoaderConfig(
                        forTraining ? loading.batchSizeTrain() : loading.batchSizeEval(),
                        loading.numWorkers(),
                        forTraining,
                        forTraining,
                        run.seed(),
                        forTraining ? loading.onBrokenTrain() : loading.onBrokenEval(),
                        loading.maxBrokenShare())
                .with(share);
    }
}
