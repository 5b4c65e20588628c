package io.lavis4j.runner;

import io.lavis4j.config.ConfigException;
import io.lavis4j.dataset.BatchLoader;
import io.lavis4j.dataset.DataLoader;
import io.lavis4j.dataset.DatasetConfig;
import io.lavis4j.dataset.EpochSamples;
import io.lavis4j.dataset.MixedLoader;
import io.lavis4j.dataset.Share;
import io.lavis4j.dataset.Source;
import io.lavis4j.model.Texts;
import io.lavis4j.model.TrainableModel.Prepared;
import io.lavis4j.processor.SeededSampleRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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
 * @param training without parts if nothing is trained
 * @param evaluation data sets by split
 */
record JobData(RunConfig run, Share processes, TrainingParts training, Map<String, EpochSamples> evaluation) {

    private static final Logger LOG = LoggerFactory.getLogger(JobData.class);

    /**
     * Reads annotations. All processes pick batches of the same parts.
     *
     * @param processes of which this one loads a share
     * @throws ConfigException if a part has no whole batch
     */
    static JobData read(JobConfig config, Share processes) {
        var run = config.run();
        var trained = new LinkedHashMap<DatasetConfig, Source>();
        var evaluation = new LinkedHashMap<String, EpochSamples>();
        for (var used : UsedSplit.of(config)) {
            if (used.training()) {
                trained.put(used.dataset(), used.open());
            } else {
                evaluation.put(used.split(), used.open().samples(run.loader(false, processes)));
            }
        }
        return new JobData(run, processes, TrainingParts.of(config, trained, run.loader(true, processes)), evaluation);
    }

    /** Training batches per epoch, before there are loaders. */
    int batchesPerEpoch() {
        return training.batchesPerEpoch(run.loading().batchSizeTrain());
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
            for (var part : training.samples()) {
                opened.add(new DataLoader(part, run.loader(true, processes), device, prepare));
            }
            var trained = opened.size() < 2
                    ? opened.stream().findFirst().orElse(null)
                    : new MixedLoader(List.copyOf(opened), training.ratios(), run.seed(), SeededSampleRandom::of);
            if (trained != null) {
                var iterations = run.length().iterations();
                warnOfWarmup(iterations == null ? trained.batchesPerEpoch() : iterations.itersPerInnerEpoch());
            }
            var evaluated = new LinkedHashMap<String, BatchLoader>();
            evaluation.forEach((split, samples) -> {
                var loader = new DataLoader(samples, run.loader(false, processes), device, null);
                opened.add(loader);
                evaluated.put(split, loader);
            });
            return new RunData(trained, evaluated);
        } catch (RuntimeException | Error e) {
            opened.forEach(BatchLoader::close);
            throw e;
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
}
