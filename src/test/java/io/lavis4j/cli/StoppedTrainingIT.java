package io.lavis4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.runner.MiniRuns;
import io.lavis4j.runner.RunDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code train} under signals, and {@code train --resume}. */
@ExtendWith(LibtorchFirst.class)
@EnabledOnOs(OS.LINUX)
class StoppedTrainingIT {

    private static final String CONFIG = "finetune/caption_sherlock_mini.yaml";

    @TempDir
    private Path outputs = Path.of("");

    /** What a command printed and its exit status. */
    private record Result(int status, String out, String err) {}

    private static Result run(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        int status = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
        return new Result(status, out.toString().strip(), err.toString());
    }

    private static String[] train(MiniRuns runs, String... more) {
        var arguments = new ArrayList<>(List.of("train", "--cfg-path", CONFIG));
        arguments.addAll(List.of(more));
        arguments.add("--options");
        arguments.addAll(runs.options());
        return arguments.toArray(String[]::new);
    }

    private static Process start(Path log, String... arguments) throws IOException {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var command = new ArrayList<>(LaunchProgram.HEARS_INTERRUPTS);
        command.addAll(List.of(java, "-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().remove("LAVIS_DATA_ROOT");
        return builder.start();
    }

    /** Waits until a run below {@code runs} has a checkpoint inside an epoch. */
    private static void await(Process process, Path runs) throws IOException, InterruptedException {
        while (process.isAlive()) {
            try (var files = Files.isDirectory(runs) ? Files.walk(runs) : Files.walk(runs.getParent(), 0)) {
                for (var file : files.toList()) {
                    if (file.getFileName().toString().startsWith("checkpoint_step_")) {
                        return;
                    }
                }
            } catch (UncheckedIOException | NoSuchFileException e) {
                // a file went while it was listed
            }
            Thread.sleep(2);
        }
    }

    @ParameterizedTest
    @CsvSource({"TERM, 143", "INT, 130"})
    void aSignalStopsARunThatThenGoesOnAsIfNothingHadBeen(String signal, int status)
            throws IOException, InterruptedException {
        var runs = MiniRuns.in(outputs.resolve("runs"), "run.max_epoch=5", "run.save_steps=1");
        var log = outputs.resolve("out");
        var process = start(log, train(runs));
        await(process, runs.outputs());
        new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid()))
                .start()
                .waitFor();

        assertThat(process.waitFor()).as(Files.readString(log)).isEqualTo(status);
        var lines = Files.readAllLines(log, UTF_8);
        var stopped = new RunDirectory(Path.of(lines.get(lines.size() - 1)));
        assertThat(String.join("\n", lines))
                .contains("SIG" + signal, "train --resume " + stopped.path().toAbsolutePath());
        assertThat(stopped.finished()).doesNotExist();
        try (var files = Files.list(stopped.path())) {
            assertThat(files.filter(file -> file.toString().endsWith(".tmp"))).isEmpty();
        }

        var whole = runs.train();
        var resumed = run("train", "--resume", stopped.path().toString());
        assertThat(resumed.status()).as(resumed.err()).isZero();
        MiniRuns.assertSame(stopped, whole);
    }

    @Test
    void autoBeginsGoesOnAndBeginsAgain() throws IOException {
        var runs = MiniRuns.in(outputs, "run.max_epoch=1", "run.valid_splits=[]");
        var first = run(train(runs, "--resume", "auto"));
        assertThat(first.status()).isZero();
        assertThat(first.err()).isEmpty();
        var run = new RunDirectory(Path.of(first.out()));
        Files.delete(run.finished()); // as if it had been killed before it could say so

        assertThat(run(train(runs, "--resume", "auto")).out()).isEqualTo(first.out());
        assertThat(run.finished()).exists();
        assertThat(run(train(runs, "--resume", "auto")).out())
                .as("nothing is left to do")
                .isNotEqualTo(first.out());
    }

    @Test
    void aFinishedRunIsLeftAsItIs() throws IOException {
        var run = MiniRuns.in(outputs, "run.max_epoch=1", "run.valid_splits=[]").train();
        var before = Files.getLastModifiedTime(run.checkpoint(0));
        var again = run("train", "--resume", run.path().toString());
        assertThat(again.status()).isZero();
        assertThat(again.out()).isEqualTo(run.path().toString());
        assertThat(Files.getLastModifiedTime(run.checkpoint(0))).isEqualTo(before);
        assertThat(Files.readAllLines(run.log()).stream().filter(line -> line.contains("train_loss")))
                .hasSize(1);
    }

    @Test
    void whatCannotGoOnSaysWhy() {
        assertThat(run("train")).satisfies(result -> {
            assertThat(result.status()).isEqualTo(2);
            assertThat(result.err()).contains("--cfg-path");
        });
        assertThat(run("train", "--resume", outputs.toString()).err()).contains(outputs.toString(), "is not a run");
        var run = MiniRuns.in(outputs, "run.max_epoch=1", "run.valid_splits=[]").train();
        var other = run("train", "--resume", run.path().toString(), "--options", "run.seed=1");
        assertThat(other.status()).isEqualTo(2);
        assertThat(other.err()).contains("run.seed was 42 and is 1");
    }
}
