package io.lavis4j.runner;

import io.lavis4j.dataset.BatchLoader;
import io.lavis4j.dataset.DataLoader;
import io.lavis4j.dataset.LoaderConfig;
import io.lavis4j.dataset.MixedLoader;
import io.lavis4j.dataset.SampleSource;
import io.lavis4j.dataset.Source;
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

/**
 * The data sets of a job, opened before the model is loaded.
 *
 * @param run whose batches are made
 * @param training parts that batches are mixed of
 * @param ratios of the parts
 * @param evaluation data sets by split
 */
record JobData(RunConfig run, List<Part> training, List<Double> ratios, Map<String, Source> evaluation) {

    /** Data sets that are trained on as one. */
    interface Part {
        DataLoader loader(LoaderConfig config, Device device, @Nullable Function<Texts, Prepared> prepare);
    }

    private static Part together(List<SampleSource> sources) {
        return (config, device, prepare) -> new DataLoader(sources, config, device, prepare);
    }

    private static Part alone(Source source) {
        return (config, device, prepare) -> new DataLoader(source, config, device, prepare);
    }

    /**
     * Reads annotations. Without ratios all lists of samples are one part and each other data set is a part of its own,
     * all of one ratio, as in LAVIS.
     */
    static JobData read(JobConfig config) {
        var run = config.run();
        var data = config.data();
        var training = new ArrayList<Part>();
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
                    training.add(alone(source));
                    ratios.add(ratio == null ? 1.0 : ratio);
                }
            }
            if (!together.isEmpty()) {
                training.add(together(together));
                ratios.add(1.0);
            }
        }
        var evaluation = new LinkedHashMap<String, Source>();
        var evaluated = new LinkedHashSet<String>(run.splits().valid());
        evaluated.addAll(run.splits().test());
        for (String split : evaluated) {
            evaluation.put(split, data.evaluated(split).open(split, false));
        }
        return new JobData(run, training, ratios, evaluation);
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
                opened.add(part.loader(config(true), device, prepare));
            }
            var trained = opened.size() < 2
                    ? opened.stream().findFirst().orElse(null)
                    : new MixedLoader(List.copyOf(opened), ratios, run.seed(), SeededSampleRandom::of);
            var evaluated = new LinkedHashMap<String, BatchLoader>();
            evaluation.forEach((split, source) -> {
                var loader = new DataLoader(source, config(false), device, null);
                opened.add(loader);
                evaluated.put(split, loader);
            });
            return new RunData(trained, evaluated);
        } catch (RuntimeException | Error e) {
            opened.forEach(BatchLoader::close);
            throw e;
        }
    }

    private LoaderConfig config(boolean forTraining) {
        var loading = run.loading();
        return new LoaderConfig(
                forTraining ? loading.batchSizeTrain() : loading.batchSizeEval(),
                loading.numWorkers(),
                forTraining,
                forTraining,
                run.seed(),
                forTraining ? loading.onBrokenTrain() : loading.onBrokenEval(),
                loading.maxBrokenShare());
    }
}
