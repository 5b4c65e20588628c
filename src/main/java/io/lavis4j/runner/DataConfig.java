package io.lavis4j.runner;

import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Nearest;
import io.lavis4j.config.Section;
import io.lavis4j.dataset.DatasetConfig;
import io.lavis4j.dataset.DatasetType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The data sets of a run, and how those with a training split are put together: without ratios one after the other,
 * with them each batch is of one data set.
 *
 * @param datasets in the order of the configuration; empty if only the model is wanted
 * @param trainRatios key {@code train_dataset_ratios}, by data set; empty for none
 */
public record DataConfig(List<DatasetConfig> datasets, Map<String, Double> trainRatios) {

    private static final Logger LOG = LoggerFactory.getLogger(DataConfig.class);
    private static final String RATIOS = "train_dataset_ratios";

    public DataConfig {
        datasets = List.copyOf(datasets);
        trainRatios = Collections.unmodifiableMap(new LinkedHashMap<>(trainRatios));
    }

    /**
     * The first data set of a kind, for what is about that kind alone.
     *
     * @param words for it in a message: {@code one with marked regions}
     * @throws ConfigException if there is none
     */
    public <D extends DatasetConfig> D first(Class<D> kind, String words) {
        return datasets.stream()
                .filter(kind::isInstance)
                .map(kind::cast)
                .findFirst()
                .orElseThrow(() -> new ConfigException(List.of("datasets: expected %s, got %s"
                        .formatted(
                                words,
                                datasets.stream().map(DatasetConfig::name).toList()))));
    }

    /** Reads the entries of {@code datasets}. */
    static List<DatasetConfig> read(Section datasets, @Nullable Path dataRoot) {
        var read = new ArrayList<@Nullable DatasetConfig>();
        datasets.sections()
                .forEach((name, entry) -> read.add(entry.read(
                        section -> section.incomplete() ? null : DatasetType.read(name, section, dataRoot))));
        if (read.isEmpty()) {
            throw new IllegalArgumentException("expected a data set, got none");
        }
        return read.stream().map(Section::present).toList();
    }

    /** Puts data sets together with the ratios in {@code run}; in training they must name what is trained on. */
    static DataConfig of(List<DatasetConfig> datasets, Section run, RunConfig config) {
        var ratios = new LinkedHashMap<String, Double>();
        var section = run.sectionIfPresent(RATIOS);
        if (section != null) {
            section.read(entries -> {
                entries.values().keySet().forEach(name -> ratios.put(name, ratio(entries, name)));
                return ratios;
            });
        }
        var data = new DataConfig(datasets, ratios);
        if (section != null && !config.evaluate()) {
            data.checkNames(section, config.splits().train());
        }
        return data;
    }

    private static double ratio(Section ratios, String name) {
        double ratio = ratios.number(name);
        ratios.check(ratio > 0, name, "a number above 0");
        return ratio;
    }

    private void checkNames(Section ratios, List<String> splits) {
        var trained = with(splits).stream().map(DatasetConfig::name).toList();
        for (String name : trainRatios.keySet()) {
            if (!trained.contains(name)) {
                ratios.problem(name, "is not a data set that is trained on; " + Nearest.advice(name, trained));
            }
        }
        for (String name : trained) {
            if (!trainRatios.containsKey(name)) {
                ratios.problem("lacks %s; expected a number for each of %s".formatted(name, trained));
            }
        }
    }

    /** The data sets that have one of these splits. */
    List<DatasetConfig> with(List<String> splits) {
        return datasets.stream()
                .filter(dataset -> splits.stream().anyMatch(dataset.splits()::contains))
                .toList();
    }

    /** The only data set with a split for evaluation. */
    DatasetConfig evaluated(String split) {
        var found = with(List.of(split));
        if (found.size() != 1) {
            throw new IllegalStateException("%d data sets have the split %s".formatted(found.size(), split));
        }
        return found.get(0);
    }

    /**
     * The splits that exist: those that no data set has are left out with a warning, but for training there must be
     * one, and an evaluated split must be of one data set.
     */
    RunConfig.Splits existing(Section run, RunConfig.Splits asked, boolean evaluate) {
        var there = splits();
        if (!evaluate) {
            if (asked.train().size() != 1) {
                run.problem("train_splits", "is %s, expected one split".formatted(asked.train()));
            }
            asked.train().stream()
                    .filter(split -> !there.contains(split))
                    .forEach(split -> run.problem(
                            "train_splits", "names \"%s\"; %s".formatted(split, Nearest.advice(split, there))));
        }
        return new RunConfig.Splits(
                asked.train(),
                existing(run, "valid_splits", asked.valid(), there),
                existing(run, "test_splits", asked.test(), there));
    }

    /** The splits that the data sets have. */
    List<String> splits() {
        var there = new LinkedHashSet<String>();
        datasets.forEach(dataset -> there.addAll(dataset.splits()));
        return List.copyOf(there);
    }

    private List<String> existing(Section run, String key, List<String> asked, List<String> there) {
        for (String split : asked) {
            if (!there.contains(split)) {
                LOG.warn(
                        "run.{} names \"{}\", which the data set does not have (it has {}); left out",
                        key,
                        split,
                        there);
            }
            var found = with(List.of(split)).stream().map(DatasetConfig::name).toList();
            if (found.size() > 1) {
                run.problem(
                        key,
                        "names \"%s\", which the data sets %s have; expected one of them: set datasets.%s.build_info.annotations.%s=null"
                                .formatted(split, found, found.get(1), split));
            }
        }
        return asked.stream().filter(there::contains).toList();
    }
}
