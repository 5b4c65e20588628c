package io.lavis4j.check;

import io.lavis4j.config.Configuration;
import io.lavis4j.config.Section;
import io.lavis4j.dataset.DatasetConfig;
import io.lavis4j.dataset.DatasetType;
import io.lavis4j.dataset.LoaderConfig;
import io.lavis4j.download.Catalog;
import io.lavis4j.download.PublishedDataset;
import io.lavis4j.download.PublishedFile;
import io.lavis4j.processor.Processors;
import io.lavis4j.runner.UsedSplit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A data root by the catalog of downloads: what is there of which data set; and those with a default file under
 * {@code configs/dataset} opened and read as a run without a model would.
 *
 * @param root folder that relative paths of configurations lie below
 * @param catalog of data sets
 * @param names of the data sets to look at; empty for those of which anything is there and their images, and for
 *     Sherlock where nothing is
 */
public record RootCheck(Path root, Catalog catalog, List<String> names) {

    private static final String ORIGINAL = "sherlock";
    private static final long SEED = 42;

    /** The processors of configurations that have none; sizes and prompts change nothing that is looked at. */
    private static final Map<String, Map<String, String>> PROCESSORS = Map.of(
            "vis_processor", Map.of(Processors.TRAIN, "blip2_image_train", Processors.EVAL, "blip_image_eval"),
            "text_processor", Map.of(Processors.TRAIN, "blip_caption", Processors.EVAL, "blip_caption"));

    public RootCheck {
        names = List.copyOf(names);
        names.forEach(catalog::dataset);
    }

    /** Looks at all of it. */
    public CheckReport run(CheckOptions options) {
        var chosen = chosen();
        var layout = chosen.stream().map(this::layout).toList();
        var splits = new ArrayList<SplitReport>();
        var problems = new ArrayList<Problem>();
        for (var dataset : layout) {
            if (!dataset.missing().isEmpty()) {
                problems.add(new Problem(
                        Kind.FILES_MISSING,
                        dataset.name(),
                        dataset.missing().size(),
                        dataset.missing(),
                        String.join("; ", dataset.remedy())));
            }
        }
        for (var config : configs(chosen)) {
            var report = run(config, options);
            splits.addAll(report.splits());
            problems.addAll(report.problems());
        }
        return new CheckReport(layout, splits, problems);
    }

    private List<PublishedDataset> chosen() {
        var chosen = new LinkedHashSet<>(names);
        if (names.isEmpty()) {
            catalog.datasets().stream()
                    .filter(dataset -> !layout(dataset).there().isEmpty())
                    .forEach(dataset -> addWithImages(dataset, chosen));
        }
        if (chosen.isEmpty()) {
            addWithImages(catalog.dataset(ORIGINAL), chosen);
        }
        return catalog.datasets().stream()
                .filter(dataset -> chosen.contains(dataset.name()))
                .toList();
    }

    private static void addWithImages(PublishedDataset dataset, Set<String> chosen) {
        chosen.add(dataset.name());
        chosen.addAll(dataset.images());
    }

    private DatasetLayout layout(PublishedDataset dataset) {
        var there = new ArrayList<String>();
        var missing = new ArrayList<String>();
        var remedy = new ArrayList<String>();
        boolean helps = false;
        for (var file : dataset.files()) {
            var lacking =
                    file.provides().stream().filter(path -> !isThere(path)).toList();
            file.provides().stream().filter(path -> !lacking.contains(path)).forEach(there::add);
            missing.addAll(lacking);
            String byHand = file.byHand();
            if (!lacking.isEmpty() && byHand != null) {
                remedy.add(byHand);
            }
            helps |= !lacking.isEmpty() && isFetchedOrUnpacked(file);
        }
        if (helps) {
            remedy.add("lavis4j download %s --root %s".formatted(dataset.name(), root));
        }
        String terms = there.isEmpty() ? dataset.terms() : dataset.terms() + "; " + stated(dataset);
        return new DatasetLayout(dataset.name(), dataset.title(), there, missing, remedy, terms);
    }

    private String stated(PublishedDataset dataset) {
        return Terms.stated(dataset.files().stream()
                .map(file -> root.resolve(file.path()).getParent())
                .flatMap(Stream::ofNullable)
                .collect(Collectors.toCollection(LinkedHashSet::new)));
    }

    private static boolean isFetchedOrUnpacked(PublishedFile file) {
        return file.address() != null || file.unpack() != null;
    }

    /** A folder is there if anything is in it. */
    private boolean isThere(String path) {
        var place = root.resolve(path);
        if (!path.endsWith("/") || !Files.isDirectory(place)) {
            return !path.endsWith("/") && Files.isRegularFile(place);
        }
        try (var entries = Files.list(place)) {
            return entries.findAny().isPresent();
        } catch (IOException e) {
            throw new UncheckedIOException(place + " cannot be listed: " + e.getMessage(), e);
        }
    }

    /** The data sets with a default file whose annotations are those of a published one. */
    private List<DatasetConfig> configs(List<PublishedDataset> published) {
        var names = published.stream().map(PublishedDataset::name).toList();
        return Configuration.datasets().entrySet().stream()
                .map(entry -> config(entry.getKey(), entry.getValue()))
                .filter(config -> files(config).stream()
                        .map(catalog::providing)
                        .flatMap(Optional::stream)
                        .anyMatch(known -> names.contains(known.name())))
                .toList();
    }

    private static List<Path> files(DatasetConfig config) {
        var files = config.files();
        return files == null ? List.of() : Terms.paths(files);
    }

    private DatasetConfig config(String name, Map<String, Object> entry) {
        var values = new LinkedHashMap<>(entry);
        PROCESSORS.forEach((key, processors) -> values.put(key, withDefaults(entry.get(key), processors)));
        var section = Section.root(values);
        var config = section.read(all -> DatasetType.read(name, all, root));
        section.requireValid();
        return Section.present(config);
    }

    private static Map<String, Object> withDefaults(@Nullable Object configured, Map<String, String> processors) {
        var phases = new LinkedHashMap<String, Object>();
        processors.forEach((phase, name) -> phases.put(phase, Map.of("name", name)));
        if (configured instanceof Map<?, ?> own) {
            own.forEach((phase, processor) -> phases.put(String.valueOf(phase), processor));
        }
        return phases;
    }

    /** Each data set by itself: others may have the same images. Splits without their files are known to be missing. */
    private CheckReport run(DatasetConfig config, CheckOptions options) {
        var files = Objects.requireNonNull(config.files());
        try (var inspection = new Inspection(options, SEED, TextLengths.none())) {
            files.annotations().forEach((split, annotations) -> {
                if (annotations.stream().map(Terms::path).allMatch(Files::isRegularFile)) {
                    look(new UsedSplit(config, split, split.equals(Processors.TRAIN), null), inspection);
                }
            });
            return inspection.report(List.of());
        }
    }

    private static void look(UsedSplit used, Inspection inspection) {
        var loading = used.training() ? LoaderConfig.training(1, 0, SEED) : LoaderConfig.evaluation(1, 0);
        inspection.open(used).ifPresent(source -> {
            inspection.look(used, source, loading);
            if (inspection.isAnyBroken(List.of(used))) {
                inspection.rehearse(
                        inspection.name(used), inspection.reading(source).samples(loading), loading, 1);
            }
        });
    }
}
