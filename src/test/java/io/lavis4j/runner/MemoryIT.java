package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.golden.GoldenCases;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Resident memory of whole processes, see {@link MemoryProbe}; {@code -Dmemory.steps=10000} for a longer training. */
class MemoryIT {

    private static final double SAME_GRADIENT = 1e-6;
    private static final String STEPS = System.getProperty("memory.steps", "600");
    private static final int IN_FLIGHT = 16;

    @TempDir
    private Path outputs = Path.of("");

    @Test
    void aFrozenForwardNeedsNoMoreMemoryForMoreBlocks() throws IOException, InterruptedException {
        double shallow = get(measure("frozenForward", "4"), "peak");
        double deep = get(measure("frozenForward", "39"), "peak");

        assertThat(deep)
                .as("peak over the weights: %.1f MiB with 39 blocks, %.1f MiB with 4", deep, shallow)
                .isLessThanOrEqualTo(1.3 * shallow);
    }

    @Test
    void recomputationLowersThePeakOfAStep() throws IOException, InterruptedException {
        var found = measure("backward");

        for (String mode : List.of("hooks", "segmented")) {
            double plain = get(found, "plain"), recomputing = get(found, mode);
            assertThat(recomputing)
                    .as("peak of a step over its start: %.1f MiB with %s, %.1f MiB plain", recomputing, mode, plain)
                    .isLessThanOrEqualTo(0.6 * plain);
            assertThat(get(found, mode + ".difference"))
                    .as("largest relative difference of a gradient with " + mode)
                    .isLessThanOrEqualTo(SAME_GRADIENT);
        }
    }

    @Test
    void stepsKeepNothing() throws IOException, InterruptedException {
        var found = measure("training", STEPS);
        assertFlat(found);
        assertThat(get(found, "objects.highest"))
                .as("native objects after each of the last steps")
                .isEqualTo(get(found, "objects.lowest"));
    }

    /** With loaders, which are ahead by some batches, metrics and checkpoints. */
    @Test
    void aWholeRunKeepsNothingOfItsSteps() throws IOException, InterruptedException {
        var found = measure("run", STEPS, outputs.toString());
        assertFlat(found);
        assertThat(get(found, "objects.highest"))
                .as("native objects after the last epochs")
                .isLessThanOrEqualTo(get(found, "objects.lowest") + IN_FLIGHT);
    }

    private static void assertFlat(Map<String, Double> found) {
        double lowest = get(found, "memory.lowest"), highest = get(found, "memory.highest");
        assertThat(highest)
                .as("resident memory of the last half of %s steps: %.1f to %.1f MiB", STEPS, lowest, highest)
                .isLessThanOrEqualTo(1.01 * lowest);
    }

    private static double get(Map<String, Double> found, String name) {
        assertThat(found).containsKey(name);
        return found.getOrDefault(name, 0.0);
    }

    private static Map<String, Double> measure(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xms64m",
                "-Xmx64m",
                "-XX:+AlwaysPreTouch", // what is resident then is not the collector's choice
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", // the optimizing compiler takes and returns several MiB
                "-Dgolden.root=" + GoldenCases.root().toAbsolutePath(),
                "-cp",
                System.getProperty("java.class.path"),
                MemoryProbe.class.getName()));
        command.addAll(Arrays.asList(arguments));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("OMP_WAIT_POLICY", "passive");
        builder.environment().put("MALLOC_MMAP_THRESHOLD_", "262144"); // freed blocks go back to the system
        builder.environment().put("MALLOC_TRIM_THRESHOLD_", "262144");
        var process = builder.start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();

        var found = new HashMap<String, Double>();
        output.lines().filter(line -> line.matches("[\\w.]+=[\\d.E-]+")).forEach(line -> {
            String[] parts = line.split("=", 2);
            found.put(parts[0], Double.valueOf(parts[1]));
        });
        return found;
    }
}
