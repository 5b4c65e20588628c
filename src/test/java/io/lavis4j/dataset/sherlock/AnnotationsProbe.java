package io.lavis4j.dataset.sherlock;

import io.lavis4j.dataset.OnBroken;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Loads a file in a process of its own and prints how many records it has, and the seconds, processor seconds and MiB
 * that took.
 */
final class AnnotationsProbe {

    private AnnotationsProbe() {}

    public static void main(String[] arguments) {
        long start = System.nanoTime();
        var annotations = SherlockAnnotations.read(Path.of(arguments[0]), OnBroken.FAIL);
        double seconds = (System.nanoTime() - start) / 1e9;
        double cpu = ProcessHandle.current()
                        .info()
                        .totalCpuDuration()
                        .orElse(Duration.ZERO)
                        .toMillis()
                / 1e3;
        var runtime = Runtime.getRuntime();
        System.gc();
        long mebibytes = (runtime.totalMemory() - runtime.freeMemory()) >> 20;
        System.out.printf(
                "%d records, %.1f s, %.1f s of processors, %d MiB%n",
                annotations.records().size(), seconds, cpu, mebibytes);
    }
}
