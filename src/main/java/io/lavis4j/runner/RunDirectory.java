package io.lavis4j.runner;

import io.lavis4j.io.Temporary;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files of one run, as LAVIS lays them out: {@code log.txt}, {@code evaluate.txt}, {@code checkpoint_best.pth},
 * {@code checkpoint_<epoch>.pth} and {@code result/}; and {@code config.yaml}, from which the run can be repeated.
 *
 * @param path the directory
 */
public record RunDirectory(Path path) {

    private static final DateTimeFormatter MINUTE = DateTimeFormatter.ofPattern("yyyyMMddHHmm");
    private static final Pattern CHECKPOINT = Pattern.compile("checkpoint_(\\d+)\\.pth");
    private static final int MAX_RUNS = 10_000;

    /**
     * A new directory below {@code outputDir}, where killed runs leave nothing half written, named after the time with
     * ten-minute steps, as LAVIS names it. A second run within that time gets a number after it, where LAVIS would mix
     * the two.
     */
    static RunDirectory create(Path outputDir, LocalDateTime now) {
        String minute = MINUTE.format(now);
        String jobId = minute.substring(0, minute.length() - 1);
        try {
            Files.createDirectories(outputDir);
            try (var runs = Files.newDirectoryStream(outputDir, RunDirectory::isRun)) {
                runs.forEach(run -> new RunDirectory(run).sweep());
            }
            for (int i = 1; i <= MAX_RUNS; i++) {
                var path = outputDir.resolve(i == 1 ? jobId : jobId + "-" + i);
                try {
                    Files.createDirectory(path);
                } catch (FileAlreadyExistsException e) {
                    continue;
                }
                Files.createDirectory(path.resolve("result"));
                return new RunDirectory(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "%s: cannot be made (%s); set run.output_dir to a directory that can be written"
                            .formatted(outputDir.toAbsolutePath(), e),
                    e);
        }
        throw new IllegalStateException("%s already has %d runs of %s".formatted(outputDir, MAX_RUNS, jobId));
    }

    /** The directory that a checkpoint is in. */
    static RunDirectory of(Path checkpoint) {
        return new RunDirectory(checkpoint.toAbsolutePath().resolveSibling(""));
    }

    /** Removes what a killed process left half written. */
    void sweep() {
        Temporary.sweep(path);
        Temporary.sweep(result());
    }

    /**
     * A finished or broken-off run, of which what a killed process left half written is removed.
     *
     * @param path the directory that holds {@code log.txt}, or its parent, and then the newest run in it
     * @throws UncheckedIOException if there is no run
     */
    public static RunDirectory open(Path path) {
        var run = isRun(path) ? new RunDirectory(path) : newestBelow(path);
        run.sweep();
        return run;
    }

    private static RunDirectory newestBelow(Path path) {
        try (var entries = Files.list(path)) {
            return entries.filter(RunDirectory::isRun)
                    .max(Comparator.comparing(RunDirectory::started).thenComparing(Path::toString))
                    .map(RunDirectory::new)
                    .orElseThrow(() -> new FileNotFoundException("there is no log.txt in it or one level below"));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "%s is not a run (%s); give the directory that holds log.txt, or its parent"
                            .formatted(path.toAbsolutePath(), e.getMessage()),
                    e);
        }
    }

    private static boolean isRun(Path path) {
        return Files.isRegularFile(path.resolve("log.txt"));
    }

    private static long started(Path run) {
        try {
            return Files.getLastModifiedTime(run.resolve("log.txt")).toMillis();
        } catch (IOException e) {
            throw new UncheckedIOException(run.toString(), e);
        }
    }

    /** One JSON object a line, after the configuration. */
    public Path log() {
        return path.resolve("log.txt");
    }

    /** One JSON object for each evaluation. */
    public Path evaluations() {
        return path.resolve("evaluate.txt");
    }

    /** The resolved configuration. */
    public Path config() {
        return path.resolve("config.yaml");
    }

    /** Results and ground truth of evaluations. */
    public Path result() {
        return path.resolve("result");
    }

    /** The checkpoint of the best validation so far. */
    public Path best() {
        return path.resolve("checkpoint_best.pth");
    }

    /** The checkpoint after an epoch, counted from 0. */
    public Path checkpoint(int epoch) {
        return path.resolve("checkpoint_%d.pth".formatted(epoch));
    }

    /** The checkpoint of the latest epoch. */
    public Optional<Path> newest() {
        try (var entries = Files.list(path)) {
            List<Path> all = entries.toList();
            return all.stream().filter(p -> epoch(p) >= 0).max(Comparator.comparingLong(RunDirectory::epoch));
        } catch (IOException e) {
            throw new UncheckedIOException(path.toString(), e);
        }
    }

    /**
     * The weights that stand for the run: the best, or the newest where none was best.
     *
     * @throws UncheckedIOException if there is no checkpoint yet
     */
    public Path weights() {
        if (Files.isRegularFile(best())) {
            return best();
        }
        return newest().orElseThrow(() -> new UncheckedIOException(
                "%s has no checkpoint yet; wait for its first epoch, or give another run"
                        .formatted(path.toAbsolutePath()),
                new FileNotFoundException(best().toString())));
    }

    private static long epoch(Path file) {
        Matcher name = CHECKPOINT.matcher(file.getFileName().toString());
        return name.matches() ? Long.parseLong(name.group(1)) : -1;
    }
}
