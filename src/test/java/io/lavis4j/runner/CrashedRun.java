package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.checkpoint.Checkpoints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;

/**
 * A run that is started again and again by one command, in a folder of its own, until it comes to its end.
 *
 * @param folder that the command works in
 * @param command which resumes the run if there is one, and writes below {@code runs} in its folder
 */
record CrashedRun(Path folder, List<String> command) {

    static final int SIGKILLED = 128 + 9;
    static final int SIGTERMED = 128 + 15;

    /**
     * Three epochs of the small model on the mini corpus, eight steps each with a checkpoint every third, each
     * validated, and a test in the end.
     *
     * @param launcher what comes before the command {@code train}
     * @param more options
     */
    static CrashedRun of(Path folder, List<String> launcher, String... more) {
        var arguments = new ArrayList<>(launcher);
        arguments.addAll(List.of(
                "train",
                "--cfg-path",
                "finetune/caption_sherlock_mini.yaml",
                "--resume",
                "auto",
                "--options",
                "data_root=" + Path.of("src/test/resources/sherlock_mini").toAbsolutePath(),
                "run.output_dir=runs",
                "run.device=cpu",
                "run.max_epoch=3",
                "run.save_steps=3",
                "run.save_freq=1",
                "run.log_freq=1",
                "run.num_workers=1",
                "run.num_beams=1",
                "run.max_len=8",
                "run.test_splits=[val]"));
        arguments.addAll(List.of(more));
        return new CrashedRun(folder, TrainingProcess.java(arguments));
    }

    /** Ends a process early, or lets it come to its end. */
    @FunctionalInterface
    interface Fate {
        void strike(TrainingProcess process) throws InterruptedException;
    }

    /** No early end. */
    static final Fate NOTHING = process -> {};

    /**
     * One life of the run. After it every checkpoint can be read, and there is one if there was one before.
     *
     * @return the exit status; what the process printed is printed where it is not one of a signal
     */
    int live(Fate fate) throws IOException, InterruptedException {
        var before = checkpoints();
        try (var process = TrainingProcess.start(command, Files.createDirectories(folder))) {
            fate.strike(process);
            int status = process.end();
            if (status != 0 && status != SIGKILLED && status != SIGTERMED) {
                System.out.println(process);
            }
            var after = checkpoints();
            assertThat(before.isEmpty() || !after.isEmpty())
                    .as("there is a checkpoint, as there was before")
                    .isTrue();
            for (var checkpoint : after) {
                try (var scope = new PointerScope()) {
                    assertThat(Checkpoints.stateDict(checkpoint))
                            .as(checkpoint.toString())
                            .isNotEmpty();
                }
            }
            return status;
        }
    }

    /** Checkpoints that are being written, or were when their process was killed. */
    List<Path> unfinished() {
        return files(".tmp").stream()
                .filter(file -> file.getFileName().toString().contains("checkpoint"))
                .toList();
    }

    private List<Path> checkpoints() {
        return files(".pth");
    }

    private List<Path> files(String end) {
        var found = new ArrayList<Path>();
        for (var run : list(folder.resolve("runs"))) {
            list(run).stream().filter(file -> file.toString().endsWith(end)).forEach(found::add);
        }
        return found;
    }

    /** What is in a folder; files may come and go meanwhile. */
    private static List<Path> list(Path folder) {
        try (Stream<Path> entries = Files.isDirectory(folder) ? Files.list(folder) : Stream.of()) {
            return entries.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The run that has come to its end; those that were killed before their first checkpoint were given up. */
    RunDirectory finished() {
        var finished = list(folder.resolve("runs")).stream()
                .map(RunDirectory::new)
                .filter(run -> Files.exists(run.finished()))
                .toList();
        assertThat(finished).hasSize(1);
        return finished.get(0);
    }
}
