package io.lavis4j.runner;

import io.lavis4j.dataset.BatchLoader;
import io.lavis4j.dataset.DataLoader;
import io.lavis4j.dataset.DatasetBuilder;
import io.lavis4j.dataset.DatasetConfig;
import io.lavis4j.dataset.LoaderConfig;
import io.lavis4j.dataset.MixedLoader;
import io.lavis4j.dataset.SampleMapper;
import io.lavis4j.dataset.SampleSource;
import io.lavis4j.dataset.SherlockConfig;
import io.lavis4j.dataset.StreamSource;
import io.lavis4j.dataset.TextCollator;
import io.lavis4j.dataset.WebDatasetConfig;
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
 * @param training parts that batches are mixed of
 * @param ratios of the parts
 * @param evaluation data sets by split
 */
record JobData(RunConfig run, List<Part> training, List<Double> ratios, Map<String, SampleSource> evaluation) {

    /** Data sets that are trained on as one. */
    interface Part {
        DataLoader loader(LoaderConfig config, Device device, TextCollator collator);
    }

    private static Part together(List<SampleSource> sources) {
        return (config, device, collator) -> new DataLoader(sources, config, device, collator);
    }

    private static Part stream(StreamSource source) {
        return (config, device, collator) -> new DataLoader(source, config, device, collator);
    }

    /**
     * Reads annotations. Without ratios all lists of samples are one part and each data set in shards is another, all
     * of one ratio, as in LAVIS.
     *
     * @param mapper of each data set
     */
    static JobData read(JobConfig config, Function<SherlockConfig, SampleMapper> mapper) {
        var run = config.run();
        var data = config.data();
        var training = new ArrayList<Part>();
        var ratios = new ArrayList<Double>();
        if (!run.evaluate()) {
            String split = run.splits().train().get(0);
            var together = new ArrayList<SampleSource>();
            for (var dataset : data.with(List.of(split))) {
                var ratio = data.trainRatios().get(dataset.name());
                if (dataset instanceof WebDatasetConfig shards) {
                    training.add(stream(StreamSource.open(shards)));
                    ratios.add(ratio == null ? 1.0 : ratio);
                } else if (ratio == null) {
                    together.add(source(dataset, split, true, mapper));
                } else {
                    training.add(together(List.of(source(dataset, split, true, mapper))));
                    ratios.add(ratio);
                }
            }
            if (!together.isEmpty()) {
                training.add(together(together));
                ratios.add(1.0);
            }
        }
        var evaluation = new LinkedHashMap<String, SampleSource>();
        var evaluated = new LinkedHashSet<String>(run.splits().valid());
        evaluated.addAll(run.splits().test());
        for (String split : evaluated) {
            evaluation.put(split, source(data.evaluated(split), split, false, mapper));
        }
        return new JobData(run, training, ratios, evaluation);
    }

    /** In evaluation texts are made as in training, too: it is they that the validation loss is of. */
    private static SampleSource source(
            DatasetConfig dataset, String split, boolean training, Function<SherlockConfig, SampleMapper> mapper) {
        if (!(dataset instanceof SherlockConfig annotated)) {
            throw new IllegalArgumentException(
                    "data set %s lies in shards, which have no split %s".formatted(dataset.name(), split));
        }
        var vis = annotated.processors().vis();
        return new SampleSource(
                DatasetBuilder.build(annotated, split, training, mapper.apply(annotated)),
                training ? vis.train() : vis.eval(),
                annotated.processors().text().trainOrEval(),
                PicturePipelines.best());
    }

    /** Loaders of batches whose texts are tokenized while they are loaded. */
    RunData loaders(Device device, TextCollator collator) {
        var opened = new ArrayList<BatchLoader>();
        try {
            for (var part : training) {
                opened.add(part.loader(config(true), device, collator));
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
