package io.lavis4j.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Configuration;
import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.runner.RunDirectory;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a run's directory; what is missing becomes a warning, unless it was asked for by name. */
final class RunReader {

    private static final Logger LOG = LoggerFactory.getLogger(RunReader.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** How far a logged score may be from that of the result file, for rounding; LAVIS logs three decimals. */
    private static final double TOLERANCE = 1e-3;

    private final RunDirectory run;
    private final ReportOptions options;
    private final List<String> warnings = new ArrayList<>();

    private RunReader(RunDirectory run, ReportOptions options) {
        this.run = run;
        this.options = options;
    }

    /**
     * Reads all of it.
     *
     * @throws IllegalArgumentException if the split or epoch that the options name has no results
     */
    static RunFacts read(RunDirectory run, ReportOptions options) {
        return new RunReader(run, options).read();
    }

    private RunFacts read() {
        var history = Files.isRegularFile(run.log()) ? RunHistory.read(run.log()) : RunHistory.none();
        warnings.addAll(history.warnings());
        var config = config(history);
        JsonNode tree = config == null ? MissingNode.getInstance() : JSON.valueToTree(config.tree());
        warnOfTraining(history, tree);

        var files = ResultFiles.in(run.result());
        var chosen = files.isEmpty() ? noResults() : chosen(files, history, tree);
        var evaluations = new ArrayList<ScoredResults>();
        ScoredResults shown = null;
        for (var found : files) {
            var scored = scored(found, found.equals(chosen));
            if (scored != null) {
                evaluations.add(scored);
                shown = found.equals(chosen) ? scored : shown;
                compare(scored, history);
            }
        }
        var records = shown == null ? SplitRecords.none() : records(config, shown);
        warnings.forEach(warning -> LOG.warn("{}", warning));
        return new RunFacts(
                run, tree, config == null ? "" : config.yaml(), history, evaluations, shown, records, warnings);
    }

    private @Nullable Configuration config(RunHistory history) {
        var tree = new LinkedHashMap<String, Object>();
        if (Files.isRegularFile(run.config())) {
            try {
                tree.putAll(Configuration.load(run.config().toString(), List.of(), name -> null)
                        .tree());
            } catch (ConfigException e) {
                warnings.add("config.yaml cannot be read: %s.".formatted(e.getMessage()));
            }
        }
        if (tree.isEmpty() && history.config() != null) {
            history.config()
                    .properties()
                    .forEach(field -> tree.put(field.getKey(), JSON.convertValue(field.getValue(), Object.class)));
        }
        if (tree.isEmpty()) {
            warnings.add("The configuration is not known: there is neither a config.yaml nor one in log.txt.");
            return null;
        }
        if (options.dataRoot() != null) {
            tree.put("data_root", options.dataRoot().toString());
        }
        return Configuration.of(tree);
    }

    private void warnOfTraining(RunHistory history, JsonNode config) {
        if (RunFacts.setting(config, "run/evaluate").asBoolean(false)) {
            return;
        }
        int maxEpoch = RunFacts.setting(config, "run/max_epoch").asInt(-1);
        if (history.epochs().isEmpty()) {
            warnings.add("No epoch is finished yet, so there are no curves.");
            return;
        }
        int first = new TreeSet<>(history.epochs().keySet()).first();
        int last = new TreeSet<>(history.epochs().keySet()).last();
        if (first > 0 && !RunFacts.setting(config, "run/runner").asText().equals("runner_iter")) {
            warnings.add(
                    "The log begins with epoch %d: the run was resumed%s, and what came before is in that run's log."
                            .formatted(
                                    first,
                                    RunFacts.setting(config, "run/resume_ckpt_path")
                                                    .isTextual()
                                            ? " from "
                                                    + RunFacts.setting(config, "run/resume_ckpt_path")
                                                            .asText()
                                            : ""));
        }
        if (maxEpoch > last + 1 && !Files.exists(run.finished())) {
            warnings.add("The run is not finished: the last epoch logged is %d, the last one planned is %d."
                    .formatted(last, maxEpoch - 1));
        }
        boolean validated = history.epochs().values().stream()
                .flatMap(stats -> stats.keySet().stream())
                .anyMatch(name -> !name.startsWith("train_") && !name.equals("epoch") && !name.equals("iters"));
        if (!validated) {
            warnings.add(
                    !config.isMissingNode()
                                    && RunFacts.splits(config, "valid_splits").isEmpty()
                            ? "The run has no validation split, so no epoch is known to be the best."
                            : "There was no validation yet, so no epoch is known to be the best.");
        }
    }

    private @Nullable ResultFiles noResults() {
        String what = "There are no generated texts in %s yet".formatted(run.result());
        String then = "validation writes them, or: evaluate --run " + run.path();
        if (options.split() != null || !options.epoch().equals(ReportOptions.BEST)) {
            throw new IllegalArgumentException("%s; %s".formatted(what, then));
        }
        warnings.add("%s, so there are no scores of single items and no images. %s%s."
                .formatted(what, then.substring(0, 1).toUpperCase(Locale.ROOT), then.substring(1)));
        return null;
    }

    /** The evaluation that the options mean. */
    private ResultFiles chosen(List<ResultFiles> files, RunHistory history, JsonNode config) {
        String split = options.split() == null ? split(files, config) : options.split();
        var ofSplit = files.stream().filter(f -> f.split().equals(split)).toList();
        if (ofSplit.isEmpty()) {
            throw new IllegalArgumentException("no results of split \"%s\" in %s, only of %s; evaluate it first"
                    .formatted(split, run.result(), distinct(files.stream().map(ResultFiles::split))));
        }
        var named = labelled(ofSplit, options.epoch());
        if (!options.epoch().equals(ReportOptions.BEST)) {
            if (named == null) {
                throw new IllegalArgumentException("no results of split \"%s\" of epoch %s in %s, only of %s"
                        .formatted(
                                split,
                                options.epoch(),
                                run.result(),
                                distinct(ofSplit.stream().map(ResultFiles::label))));
            }
            return named;
        }
        var best = history.bestEpoch(RunFacts.mainSplit(config));
        var validated = ofSplit.stream()
                .filter(f -> best != null && f.epoch() == best)
                .findFirst()
                .orElse(null);
        if (named != null && validated != null) {
            return named.written() >= validated.written() ? named : validated;
        }
        if (named != null || validated != null) {
            return Objects.requireNonNull(named != null ? named : validated);
        }
        var last = ofSplit.stream()
                .filter(f -> f.epoch() != Integer.MAX_VALUE)
                .reduce((earlier, later) -> later)
                .orElse(ofSplit.get(0));
        warnings.add("The best epoch of split %s is not known or has no results: %s is shown."
                .formatted(split, ScoreTables.name(last.label())));
        return last;
    }

    private static String distinct(Stream<String> names) {
        return String.join(", ", names.distinct().toList());
    }

    private static String split(List<ResultFiles> files, JsonNode config) {
        var there = files.stream().map(ResultFiles::split).distinct().toList();
        return RunFacts.splits(config, "valid_splits").stream()
                .filter(there::contains)
                .findFirst()
                .orElse(there.contains("val") ? "val" : there.get(0));
    }

    private static @Nullable ResultFiles labelled(List<ResultFiles> files, String label) {
        return files.stream().filter(f -> f.label().equals(label)).findFirst().orElse(null);
    }

    /** Results that are not shown may be damaged. */
    private @Nullable ScoredResults scored(ResultFiles files, boolean shown) {
        try {
            return ScoredResults.of(files, options);
        } catch (IllegalArgumentException | UncheckedIOException e) {
            if (shown && (options.split() != null || !options.epoch().equals(ReportOptions.BEST))) {
                throw e;
            }
            warnings.add("The results of split %s, %s, were left out: %s."
                    .formatted(files.split(), ScoreTables.name(files.label()), e.getMessage()));
            return null;
        }
    }

    private void compare(ScoredResults scored, RunHistory history) {
        var files = scored.files();
        var differing = new ArrayList<String>();
        scored.scores().corpus().forEach((metric, score) -> {
            double logged = history.value(files.epoch(), files.split() + "_" + metric);
            if (Math.abs(logged - score) > TOLERANCE * Math.max(1, Math.abs(score))) {
                differing.add("%s is %s and %s".formatted(metric, Html.number(logged), Html.number(score)));
            }
        });
        if (!differing.isEmpty()) {
            warnings.add("Log and result files of split %s, %s, differ: %s."
                    .formatted(files.split(), ScoreTables.name(files.label()), String.join(", ", differing)));
        }
    }

    private SplitRecords records(@Nullable Configuration config, ScoredResults shown) {
        if (config == null) {
            return SplitRecords.none();
        }
        try {
            var records = SplitRecords.read(config, shown.files().split());
            var unknown = shown.items().stream()
                    .filter(item -> records.of(item.id()) == null)
                    .toList();
            if (!unknown.isEmpty()) {
                warnings.add("The annotations have no record of %d of the %d items, the first is %s."
                        .formatted(
                                unknown.size(),
                                shown.items().size(),
                                unknown.get(0).id()));
            }
            return records;
        } catch (AnnotationException | IllegalArgumentException e) {
            warnings.add(("The annotations of split %s cannot be read, so there are no images, clues and groups."
                            + " --data-root says where they lie. %s")
                    .formatted(shown.files().split(), e.getMessage()));
            return SplitRecords.none();
        }
    }
}
