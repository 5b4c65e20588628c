package io.lavis4j.bench;

import io.lavis4j.tensor.Libtorch;
import io.lavis4j.tensor.Precision;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
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
            "share");

    private ResultTable() {}

    /** Prints a row for each result, and what computed the products. */
    @SuppressWarnings("SystemOut")
    static void print(Collection<RunResult> results) {
        var rows = new ArrayList<List<String>>();
        var libraries = new LinkedHashSet<String>();
        for (var result : results) {
            if (result.getSecondaryResults().containsKey(RateProfiler.GFLOPS)) {
                rows.add(row(result));
                libraries.add(library(Setting.of(result.getParams()), Work.of(result.getParams())));
            }
        }
        System.out.println(
                "\nBest iteration, beside it the mean of samples/s; GFLOP/s of useful matrix products, beside them"
                        + " those of plain\nsquare ones in the same process, and the share. With gradient checkpointing a second share"
                        + " counts recomputation.\n");
        System.out.println(line(HEAD));
        System.out.println("|" + " --- |".repeat(HEAD.size()));
        rows.forEach(row -> System.out.println(line(row)));
        System.out.println();
        libraries.forEach(System.out::println);
    }

    private static List<String> row(RunResult result) {
        var work = Work.of(result.getParams());
        var setting = Setting.of(result.getParams());
        double peak = rate(result, RateProfiler.PEAK), gflops = rate(result, RateProfiler.GFLOPS);
        String share = percent(gflops / peak);
        if (work.recomputedFlops() > 0) {
            share += " (%s)".formatted(percent(rate(result, RateProfiler.HARDWARE_GFLOPS) / peak));
        }
        return List.of(
                work.name(),
                setting.size,
                work.input(),
                setting.precision().toString(),
                setting.device,
                setting.device.equals("cpu") ? String.valueOf(setting.actualThreads()) : "-",
                number(rate(result, RateProfiler.SAMPLES)),
                number(mean(result, work)),
                work.tokens() > 0 ? number(rate(result, RateProfiler.TOKENS)) : "-",
                number(gflops),
                number(peak),
                share);
    }

    private static double mean(RunResult result, Work work) {
        return work.samples() * RateProfiler.perSecond(result.getPrimaryResult(), result.getParams());
    }

    private static double rate(RunResult result, String label) {
        return Objects.requireNonNull(result.getSecondaryResults().get(label), label)
                .getScore();
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

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.0f %%", 100 * share);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
    }

    private static String line(List<String> cells) {
        return "| " + String.join(" | ", cells) + " |";
    }
}
