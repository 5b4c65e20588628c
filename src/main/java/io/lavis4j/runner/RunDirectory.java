package io.lavis4j.runner;

import io.lavis4j.io.AtomicFile;
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
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files of one run, as LAVIS lays them out: {@code log.txt}, {@code evaluate.txt}, {@code checkpoint_best.pth},
 * {@code checkpoint_<epoch>.pth} and {@code result/}; and ours: {@code config.yaml}, from which the run can be
 * repeated, {@code checkpoint_step_<updates>.pth}, {@code .lock}, and {@code finished.json} once there is nothing left
 * to do.
 *
 * @param path the directory
 */
public record RunDirectory(Path path) {

    private static final DateTimeFormatter MINUTE = DateTimeFormatter.ofPattern("yyyyMMddHHmm");
    private static final Pattern SEGMENT = Pattern.compile("checkpoint_(\\d+)\\.pth");
    private static final Pattern STEP = Pattern.compile("checkpoint_step_(\\d+)\\.pth");
    private static final String LOG = "log.txt";
    private static final String EVALUATIONS = "evaluate.txt";
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
            try (var runs = Files.newDirectoryStream(outputDir, run -> holds(run, LOG))) {
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
                AtomicFile.sync(path);
                AtomicFile.sync(outputDir);
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
    public static RunDirectory of(Path checkpoint) {
        return new RunDirectory(checkpoint.toAbsolutePath().resolveSibling(""));
    }

    /** Held by the process that writes the run; see {@link RunLock}. */
    Path lock() {
        return path.resolve(".lock");
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
        return open(path, LOG);
    }

    /**
     * The same of a run that was evaluated; one that only evaluated has no {@code log.txt}.
     *
     * @param path the directory that holds {@code evaluate.txt}, or its parent, and then the newest run in it
     * @throws UncheckedIOException if there is no run
     */
    public static RunDirectory openEvaluated(Path path) {
        return open(path, EVALUATIONS);
    }

    private static RunDirectory open(Path path, String file) {
        var run = holds(path, file) ? new RunDirectory(path) : newestBelow(path, file);
        run.sweep();
        return run;
    }

    private static RunDirectory newestBelow(Path path, String file) {
        try {
            return below(path, file).stream()
                    .findFirst()
                    .orElseThrow(
                            () -> new FileNotFoundException("there is no %s in it or one level below".formatted(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "%s is not a run (%s); give the directory that holds %s, or its parent"
                            .formatted(path.toAbsolutePath(), e.getMessage(), file),
                    e);
        }
    }

    /** The runs in a directory, the newest first; none if there is no such directory. */
    static List<RunDirectory> allBelow(Path path) {
        try {
            return Files.isDirectory(path) ? below(path, LOG) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be read (%s)".formatted(path.toAbsolutePath(), e), e);
        }
    }

    private static List<RunDirectory> below(Path path, String file) throws IOException {
        try (var entries = Files.list(path)) {
            return entries.filter(run -> holds(run, file))
                    .sorted(Comparator.comparing((Path run) -> written(run.resolve(file)))
                            .thenComparing(Path::toString)
                            .reversed())
                    .map(RunDirectory::new)
                    .toList();
        }
    }

    private static boolean holds(Path path, String file) {
        return Files.isRegularFile(path.resolve(file));
    }

    private static long written(Path file) {
        try {
            return Files.getLastModifiedTime(file).toMillis();
        } catch (IOException e) {
            throw new UncheckedIOException(file.toString(), e);
        }
    }

    /** One JSON object a line, after the configuration. */
    public Path log() {
        return path.resolve(LOG);
    }

    /** One JSON object for each evaluation. */
    public Path evaluations() {
        return path.resolve(EVALUATIONS);
    }

    /** One JSON object for each reading of the losses and each evaluation. */
    public Path metrics() {
        return path.resolve("metrics.jsonl");
    }

    /** Event files for TensorBoard. */
    Path tensorboard() {
        return path.resolve("tensorboard");
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

    /** The checkpoint after an epoch, counted from 0, or after so many iterations of a run that counts by these. */
    public Path checkpoint(long number) {
        return path.resolve("checkpoint_%d.pth".formatted(number));
    }

    /** The checkpoint between two epochs' after so many updates of the parameters. */
    public Path stepCheckpoint(long updates) {
        return path.resolve("checkpoint_step_%d.pth".formatted(updates));
    }

    /** Says that the run has come to its end, and with which scores of the test splits. */
    public Path finished() {
        return path.resolve("finished.json");
    }

    /** The checkpoint that is furthest, of those that can be read; the others are named in the log. */
    public Optional<Path> newest() {
        return newest(run -> true).map(SavedRun::file);
    }

    /** The checkpoint that is furthest, of those that can be read and that a test lets pass. */
    Optional<SavedRun> newest(Predicate<SavedRun> test) {
        return Stream.of(SEGMENT, STEP)
                .flatMap(
                        kind -> checkpoints(kind).stream()
                                .flatMap(file -> SavedRun.ifReadable(file).stream())
                                .filter(test)
                                .findFirst()
                                .stream())
                .max(Comparator.comparingLong(SavedRun::progress));
    }

    /** The checkpoints between those of epochs, the latest first. */
    List<Path> stepCheckpoints() {
        return checkpoints(STEP);
    }

    private List<Path> checkpoints(Pattern kind) {
        try (var entries = Files.list(path)) {
            return entries.filter(file -> number(kind, file) >= 0)
                    .sorted(Comparator.comparingLong((Path file) -> number(kind, file))
                            .reversed())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(path.toString(), e);
        }
    }

    /** The updates in the name of a checkpoint between those of epochs. */
    static long updates(Path stepCheckpoint) {
        return number(STEP, stepCheckpoint);
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

    private static long number(Pattern kind, Path file) {
        var name = kind.matcher(file.getFileName().toString());
        return name.matches() ? Long.parseLong(name.group(1)) : -1;
    }
}
