package io.lavis4j.check;

import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.dataset.EpochSamples;
import io.lavis4j.dataset.LoaderConfig;
import io.lavis4j.dataset.SampleSource;
import io.lavis4j.dataset.Source;
import io.lavis4j.dataset.shard.StreamSource;
import io.lavis4j.runner.UsedSplit;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Opened splits looked at one after the other, and what was found of all of them. */
final class Inspection implements AutoCloseable {

    private final CheckOptions options;
    private final long seed;
    private final TextLengths texts;
    private final Workers workers;
    private final SeenImages seen = new SeenImages();
    private final BrokenImages broken = new BrokenImages();
    private final List<SplitReport> splits = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();

    /**
     * Nothing is looked at yet.
     *
     * @param seed of the run, which draws instructions
     * @param texts measures texts; closed with this
     */
    Inspection(CheckOptions options, long seed, TextLengths texts) {
        this.options = options;
        this.seed = seed;
        this.texts = texts;
        workers = new Workers(options.threads());
    }

    /** Opens a split as a run does; empty where it would fail, which is a problem then. */
    Optional<Source> open(UsedSplit used) {
        try {
            return Optional.of(used.open());
        } catch (AnnotationException | UncheckedIOException | IllegalArgumentException | IllegalStateException e) {
            add(Problem.of(Kind.ANNOTATIONS, name(used), String.valueOf(e.getMessage())));
            return Optional.empty();
        }
    }

    /** Looks at a split; what is neither a list of samples nor shards is loaded once, by its own code. */
    void look(UsedSplit used, Source source, LoaderConfig loading) {
        var files = used.dataset().files();
        if (files != null) {
            var findings = new Findings(name(used));
            files.imageRoots().stream()
                    .filter(root -> !Files.isDirectory(root))
                    .forEach(root -> findings.add(Kind.IMAGE_FOLDER, root::toString));
            problems.addAll(findings.problems());
        }
        if (source instanceof SampleSource list) {
            new SplitCheck(used, list, this).run();
        } else if (source instanceof StreamSource stream) {
            new ShardsCheck(used, stream, this).run();
        } else {
            rehearse(name(used), source.samples(loading), loading, 1);
        }
    }

    /** Lets a run load samples of {@link #reading} sources, and adds how that fails if it does. */
    void rehearse(String where, EpochSamples samples, LoaderConfig loading, int epochs) {
        String failure = new Rehearsal(samples, loading, epochs).failure();
        if (failure != null) {
            add(Problem.of(Kind.LOADING_FAILS, where, failure));
        }
    }

    /** A source that reads broken images alone. */
    Source reading(Source source) {
        return broken.reading(source);
    }

    /** Whether any image, shard or sample of these splits is broken. */
    boolean isAnyBroken(List<UsedSplit> some) {
        var names = some.stream().map(this::name).toList();
        return problems.stream()
                .filter(problem -> names.contains(problem.where()))
                .map(Problem::kind)
                .anyMatch(List.of(Kind.IMAGE_BROKEN, Kind.IMAGE_MISSING, Kind.SHARD_FAULTY)::contains);
    }

    void add(Problem problem) {
        problems.add(problem);
    }

    void add(SplitReport report, Findings findings) {
        splits.add(report);
        problems.addAll(findings.problems());
    }

    CheckReport report(List<DatasetLayout> layout) {
        if (options.quick()) {
            add(Problem.of(
                    Kind.IMAGES_NOT_COMPARED,
                    "all",
                    "--quick looks at headers, which say nothing of damaged pixels either"));
        } else if (seen.isFull()) {
            add(Problem.of(
                    Kind.IMAGES_NOT_COMPARED,
                    "all",
                    "images after the first %d are compared with these alone".formatted(LongTable.MOST)));
        }
        return new CheckReport(layout, splits, problems);
    }

    String name(UsedSplit used) {
        return used.dataset().name() + " " + used.split();
    }

    void progress(UsedSplit used, long done, long total) {
        options.listener().progress(name(used), done, total);
    }

    boolean quick() {
        return options.quick();
    }

    long seed() {
        return seed;
    }

    TextLengths texts() {
        return texts;
    }

    Workers workers() {
        return workers;
    }

    SeenImages seen() {
        return seen;
    }

    BrokenImages broken() {
        return broken;
    }

    @Override
    public void close() {
        workers.close();
        texts.close();
    }
}
