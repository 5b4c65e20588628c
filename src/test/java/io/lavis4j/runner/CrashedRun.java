package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tensorboard.Events;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * A run that is started again and again by one command, in a folder of its own, until it comes to its end.
 *
 * @param folder that the command works in
 * @param command which resumes the run if there is one, and writes below {@code runs} in its folder
 */
record CrashedRun(Path folder, List<String> command) {

    static final int SIGKILLED = 128 + 9;
    static final int SIGTERMED = 128 + 15;

    private static final ObjectMapper JSON = new ObjectMapper();

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
     * @return how it ended
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

    /** Everything that a run leaves is what another one has left, but for times. */
    static void assertSame(RunDirectory actual, RunDirectory expected) throws IOException {
        var files = relative(expected.path());
        assertThat(relative(actual.path())).isEqualTo(files);
        for (String name : files) {
            Path ours = actual.path().resolve(name), theirs = expected.path().resolve(name);
            if (name.endsWith(".pth")) {
                try (var scope = new PointerScope()) {
                    assertThat(values(Checkpoints.read(ours))).as(name).isEqualTo(values(Checkpoints.read(theirs)));
                }
            } else if (name.equals("metrics.jsonl")) {
                assertThat(steady(ours)).as(name).isEqualTo(steady(theirs));
            } else {
                assertThat(Files.readString(ours)).as(name).isEqualTo(Files.readString(theirs));
            }
        }
        var events = Events.scalars(expected.path().resolve("tensorboard"));
        assertThat(events).containsKey("train/loss");
        var found = Events.scalars(actual.path().resolve("tensorboard"));
        assertThat(found.keySet()).isEqualTo(events.keySet());
        events.forEach((name, steps) -> {
            if (isSteady(name)) {
                assertThat(found.get(name)).as(name).isEqualTo(steps);
            }
        });
    }

    /** The files of a run, but event files, of which each start makes one. */
    private static List<String> relative(Path run) throws IOException {
        try (var files = Files.walk(run)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> run.relativize(file).toString())
                    .filter(name -> !name.startsWith("tensorboard"))
                    .sorted()
                    .toList();
        }
    }

    private static boolean isSteady(String name) {
        return !name.matches(".*(time|seconds|per_second|share|mib)");
    }

    /** The lines of a {@code metrics.jsonl} without times and memory. */
    private static List<ObjectNode> steady(Path metrics) throws IOException {
        var lines = new ArrayList<ObjectNode>();
        for (String line : Files.readAllLines(metrics)) {
            var object = (ObjectNode) JSON.readTree(line);
            var names = new ArrayList<String>();
            object.fieldNames().forEachRemaining(names::add);
            object.remove(names.stream().filter(name -> !isSteady(name)).toList());
            lines.add(object);
        }
        return lines;
    }

    /** The numbers of a checkpoint as plain lists. */
    private static Object values(Object tree) {
        if (tree instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(entry -> List.of(String.valueOf(entry.getKey()), values(entry.getValue())))
                    .toList();
        }
        if (tree instanceof List<?> list) {
            return list.stream().map(CrashedRun::values).toList();
        }
        if (tree instanceof Tensor tensor) {
            var numbers = Tensors.doubles(tensor);
            return IntStream.range(0, numbers.length).mapToObj(i -> numbers[i]).toList();
        }
        return String.valueOf(tree);
    }
}
