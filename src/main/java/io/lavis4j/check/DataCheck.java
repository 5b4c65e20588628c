package io.lavis4j.check;

import io.lavis4j.dataset.DatasetConfig;
import io.lavis4j.dataset.Share;
import io.lavis4j.dataset.Source;
import io.lavis4j.download.Catalog;
import io.lavis4j.runner.JobConfig;
import io.lavis4j.runner.TrainingParts;
import io.lavis4j.runner.UsedSplit;
import io.lavis4j.zoo.WeightFiles;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The data of a run, opened and read as the run does it.
 *
 * @param config of the run
 * @param weights where the model's tokenizer may lie
 * @param catalog that knows where data sets are published, and their terms
 */
public record DataCheck(JobConfig config, WeightFiles weights, Catalog catalog) {

    private static final String RUN = "run";

    /** Looks at every split that the run uses, then lets the run's loading go by where images are broken. */
    public CheckReport run(CheckOptions options) {
        var used = UsedSplit.of(config);
        var notes = new Findings("model");
        try (var inspection = new Inspection(options, config.run().seed(), texts(notes))) {
            requireFiles(inspection);
            var opened = new LinkedHashMap<UsedSplit, Source>();
            used.forEach(split -> inspection.open(split).ifPresent(source -> opened.put(split, source)));
            opened.forEach((split, source) ->
                    inspection.look(split, source, config.run().loader(split.training(), Share.WHOLE)));
            train(used, opened, inspection);
            opened.forEach((split, source) -> evaluate(split, source, inspection));
            new Terms(catalog)
                    .of(used.stream().map(UsedSplit::dataset).distinct().toList())
                    .forEach(inspection::add);
            notes.problems().forEach(inspection::add);
            return inspection.report(List.of());
        }
    }

    private TextLengths texts(Findings notes) {
        try {
            return TextLengths.of(config.model(), weights);
        } catch (UncheckedIOException | IllegalArgumentException e) {
            notes.add(
                    Kind.TEXT_NOT_CHECKED,
                    () -> "the model's tokenizer is needed; lavis4j download model %s %s brings it: %s"
                            .formatted(
                                    config.architecture().name(),
                                    config.source().root().section("model").string("model_type"),
                                    e.getMessage()));
            return TextLengths.none();
        }
    }

    /** The files of the task itself. */
    private void requireFiles(Inspection inspection) {
        try {
            config.task().requireFiles();
        } catch (UncheckedIOException | IllegalArgumentException e) {
            inspection.add(Problem.of(Kind.RUN, RUN, String.valueOf(e.getMessage())));
        }
    }

    private void train(List<UsedSplit> used, Map<UsedSplit, Source> opened, Inspection inspection) {
        var splits = used.stream().filter(UsedSplit::training).toList();
        if (splits.isEmpty() || !opened.keySet().containsAll(splits)) {
            return; // nothing to train on, as asked for or as said
        }
        var loading = config.run().loader(true, Share.WHOLE);
        var sources = new LinkedHashMap<DatasetConfig, Source>();
        opened.forEach((split, source) -> {
            if (split.training()) {
                sources.put(split.dataset(), inspection.reading(source));
            }
        });
        try {
            var parts = TrainingParts.of(config, sources, loading);
            if (inspection.isAnyBroken(splits)) {
                int epochs = parts.epochs(config.run());
                parts.samples()
                        .forEach(part -> inspection.rehearse(
                                part.name() + " " + splits.get(0).split(), part, loading, epochs));
            }
        } catch (IllegalArgumentException e) { // a ConfigException among them
            inspection.add(Problem.of(Kind.RUN, RUN, String.valueOf(e.getMessage())));
        }
    }

    private void evaluate(UsedSplit split, Source source, Inspection inspection) {
        if (!split.training() && inspection.isAnyBroken(List.of(split))) {
            var loading = config.run().loader(false, Share.WHOLE);
            inspection.rehearse(
                    inspection.name(split), inspection.reading(source).samples(loading), loading, 1);
        }
    }
}
