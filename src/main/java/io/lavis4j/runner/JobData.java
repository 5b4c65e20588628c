package io.lavis4j.runner;

import io.lavis4j.dataset.BatchLoader;
import io.lavis4j.dataset.DataLoader;
import io.lavis4j.dataset.DatasetBuilder;
import io.lavis4j.dataset.DatasetConfig;
import io.lavis4j.dataset.LoaderConfig;
import io.lavis4j.dataset.MixedLoader;
import io.lavis4j.dataset.SampleMapper;
import io.lavis4j.dataset.SampleSource;
import io.lavis4j.dataset.TextCollator;
import io.lavis4j.processor.PicturePipelines;
import io.lavis4j.processor.SeededDraws;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.Device;

/**
 * The data sets of a job, read and checked before the model is loaded.
 *
 * @param run whose batches are made
 * @param training lists of data sets, each trained on as one; batches are mixed of the lists
 * @param ratios of the lists
 * @param evaluation data sets by split
 */
record JobData(
        RunConfig run, List<List<SampleSource>> training, List<Double> ratios, Map<String, SampleSource> evaluation) {

    /**
     * Reads annotations.
     *
     * @param mapper of each data set
     */
    static JobData read(JobConfig config, Function<DatasetConfig, SampleMapper> mapper) {
        var run = config.run();
        var data = config.data();
        var training = new ArrayList<List<SampleSource>>();
        var ratios = new ArrayList<Double>();
        if (!run.evaluate()) {
            String split = run.splits().train().get(0);
            var together = new ArrayList<SampleSource>();
            for (var dataset : data.with(List.of(split))) {
                var source = source(dataset, split, true, mapper.apply(dataset));
                var ratio = data.trainRatios().get(dataset.name());
                if (ratio == null) {
                    together.add(source);
                } else {
                    training.add(List.of(source));
                    ratios.add(ratio);
                }
            }
            if (!together.isEmpty()) {
                training.add(together);
                ratios.add(1.0);
            }
        }
        var evaluation = new LinkedHashMap<String, SampleSource>();
        var evaluated = new LinkedHashSet<String>(run.splits().valid());
        evaluated.addAll(run.splits().test());
        for (String split : evaluated) {
            var dataset = data.evaluated(split);
            evaluation.put(split, source(dataset, split, false, mapper.apply(dataset)));
        }
        return new JobData(run, training, ratios, evaluation);
    }

    /** In evaluation texts are made as in training, too: it is they that the validation loss is of. */
    private static SampleSource source(DatasetConfig dataset, String split, boolean training, SampleMapper mapper) {
        var vis = dataset.processors().vis();
        return new SampleSource(
                DatasetBuilder.build(dataset, split, training, mapper),
                training ? vis.train() : vis.eval(),
                dataset.processors().text().trainOrEval(),
                PicturePipelines.best());
    }

    /** Loaders of batches whose texts are tokenized while they are loaded. */
    RunData loaders(Device device, TextCollator collator) {
        var opened = new ArrayList<BatchLoader>();
        try {
            for (var sources : training) {
                opened.add(new DataLoader(sources, config(true), device, collator));
            }
            var trained = opened.size() < 2
                    ? opened.stream().findFirst().orElse(null)
                    : new MixedLoader(List.copyOf(opened), ratios, run.seed(), SeededDraws::of);
            var evaluated = new LinkedHashMap<String, BatchLoader>();
            evaluation.forEach((split, source) -> {
                var loader = new DataLoader(List.of(source), config(false), device, collator);
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
