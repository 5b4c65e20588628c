package io.lavis4j.bench;

import io.lavis4j.tensor.Libtorch;
import io.lavis4j.tensor.Precision;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.results.RunResult;

/** Results as a table that can be pasted into a page. */
final class ResultTable {

    private static final List<String> HEAD = List.of(
            "benchmark",
            "size",
            "input",
            "dtype",
            "device",
            "threads",
            "samples/s",
            "mean",
            "tokens/s",
            "GFLOP/s",
            "matmul",
            "share",
            "GB/s",
            "memory",
            "share",
            "MiB");

    private ResultTable() {}

    /** Prints a row for each result, and what computed the products. */
    @SuppressWarnings("SystemOut")
    static void print(Collection<RunResult> results) {
        var rows = new ArrayList<List<String>>();
        var libraries = new LinkedHashSet<String>();
        for (var result : results) {
            if (Work.isKnown(result.getParams())) {
                rows.add(row(result));
                libraries.add(library(Setting.of(result.getParams()), Work.of(result.getParams())));
            }
        }
        System.out.println("""

                Best iteration, beside it the mean of samples/s; GFLOP/s of useful matrix products, beside them those of plain
                square ones in the same process, and the share. With gradient checkpointing a second share counts
                recomputation. GB/s of what has to move between memory and processor, beside them those of reading a large
                tensor, and the share, above 100 % where a cache holds it. MiB is the peak of memory.
                """);
        System.out.println(line(HEAD));
        System.out.println("|" + " --- |".repeat(HEAD.size()));
        rows.forEach(row -> System.out.println(line(row)));
        System.out.println();
        libraries.forEach(System.out::println);
    }

    private static List<String> row(RunResult result) {
        var work = Work.of(result.getParams());
        var setting = Setting.of(result.getParams());
        String share = share(result, RateProfiler.GFLOPS, RateProfiler.PEAK);
        if (work.recomputedFlops() > 0) {
            share += " (%s)".formatted(share(result, RateProfiler.HARDWARE_GFLOPS, RateProfiler.PEAK));
        }
        return List.of(
                work.name(),
                setting.size,
                work.input(),
                setting.precision().toString(),
                setting.device,
                setting.device.equals("cpu") ? String.valueOf(setting.actualThreads()) : "-",
                rate(result, RateProfiler.SAMPLES),
                number(mean(result, work)),
                rate(result, RateProfiler.TOKENS),
                rate(result, RateProfiler.GFLOPS),
                rate(result, RateProfiler.PEAK),
                share,
                rate(result, RateProfiler.BYTES),
                rate(result, RateProfiler.BANDWIDTH),
                share(result, RateProfiler.BYTES, RateProfiler.BANDWIDTH),
                rate(result, RateProfiler.MEMORY));
    }

    private static double mean(RunResult result, Work work) {
        return work.samples() * RateProfiler.perSecond(result.getPrimaryResult(), result.getParams());
    }

    /** What the profiler has found, 0 if it has not. */
    static double found(RunResult result, String label) {
        var found = result.getSecondaryResults().get(label);
        return found == null ? 0 : found.getScore();
    }

    private static String rate(RunResult result, String label) {
        double found = found(result, label);
        return found > 0 ? number(found) : "-";
    }

    private static String share(RunResult result, String label, String limit) {
        double found = found(result, label);
        return found > 0 ? String.format(Locale.ROOT, "%.0f %%", 100 * found / found(result, limit)) : "-";
    }

    private static String library(Setting setting, Work work) {
        if (!setting.device.equals("cpu")) {
            return "%s: CUDA, products in %s".formatted(setting.device, work.products());
        }
        return work.products() == Precision.FP32
                ? "cpu, fp32: " + blas(setting)
                : "cpu, %s: oneDNN where the processor has such instructions, else %s"
                        .formatted(work.products(), blas(setting));
    }

    private static String blas(Setting setting) {
        int before = Libtorch.threads();
        Libtorch.threads(setting.actualThreads());
        String blas = Libtorch.blas();
        Libtorch.threads(before);
        return blas;
    }

    static String number(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
    }

    /** A row of a table. */
    static String line(List<String> cells) {
        return "| " + String.join(" | ", cells) + " |";
    }
}
