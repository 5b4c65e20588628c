package io.lavis4j.bench;

import io.lavis4j.tensor.PeakMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * Adds to each result what it means for the model, and what matrix products and memory alone reach in the same process.
 *
 * <p>The rates are those of the best iteration. Before each iteration large square matrices are multiplied, with the
 * same device, dtype and threads, and before the first a large tensor is read; the best rates seen are the limits. Peak
 * memory is that of an iteration, on a CPU of the whole process, in which the first one has the model made.
 */
public final class RateProfiler implements InternalProfiler {

    /** Samples per second. */
    static final String SAMPLES = "samples/s";

    /** Written tokens per second. */
    static final String TOKENS = "tokens/s";

    /** Useful operations, 1e9 per second. */
    static final String GFLOPS = "GFLOP/s";

    /** Operations with those of gradient checkpointing, 1e9 per second. */
    static final String HARDWARE_GFLOPS = "GFLOP/s with recomputation";

    /** Operations of a matrix product, 1e9 per second. */
    static final String PEAK = "GFLOP/s of matmul";

    /** Bytes that have to move, 1e9 per second. */
    static final String BYTES = "GB/s";

    /** Bytes of a tensor that is read, 1e9 per second. */
    static final String BANDWIDTH = "GB/s of memory";

    /** Peak memory, 0 where unknown. */
    static final String MEMORY = "MiB";

    private static final Path PEAK_RESET = Path.of("/proc/self/clear_refs");

    private double peak;
    private double bandwidth;

    @Override
    public String getDescription() {
        return "samples, tokens, floating-point operations and bytes per second, beside those of matrix products and memory";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        if (!Work.isKnown(benchmark)) {
            return;
        }
        var setting = Setting.of(benchmark);
        setting.apply();
        peak = Math.max(
                peak,
                MachineLimits.gflops(
                        setting.target(), Work.of(benchmark).products().dtype()));
        if (bandwidth == 0) {
            bandwidth = MachineLimits.bandwidth(setting.target());
        }
        restartPeakMemory();
    }

    /** Has Linux forget the process's peak, see proc(5); other systems have none. */
    private static void restartPeakMemory() {
        if (Files.exists(PEAK_RESET)) {
            try {
                Files.writeString(PEAK_RESET, "5", StandardOpenOption.WRITE);
            } catch (IOException e) {
                throw new UncheckedIOException(
                        "%s cannot be written, so that peak memory would be that of the limits' measurement"
                                .formatted(PEAK_RESET),
                        e);
            }
        }
    }

    @Override
    public Collection<? extends Result<?>> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        if (benchmark.getMode() != Mode.Throughput || !Work.isKnown(benchmark)) {
            return List.of();
        }
        var work = Work.of(benchmark);
        double perSecond = perSecond(result.getPrimaryResult(), benchmark);
        var rates = new ArrayList<ScalarResult>();
        rates.add(best(SAMPLES, perSecond * work.samples()));
        if (work.tokens() > 0) {
            rates.add(best(TOKENS, perSecond * work.tokens()));
        }
        if (work.flops() > 0) {
            rates.add(best(GFLOPS, perSecond * work.flops() / 1e9));
        }
        if (work.recomputedFlops() > 0) {
            rates.add(best(HARDWARE_GFLOPS, perSecond * (work.flops() + work.recomputedFlops()) / 1e9));
        }
        rates.add(best(PEAK, peak));
        if (work.bytes() > 0) {
            rates.add(best(BYTES, perSecond * work.bytes() / 1e9));
        }
        rates.add(best(BANDWIDTH, bandwidth));
        rates.add(best(MEMORY, PeakMemory.mebibytes(Setting.of(benchmark).target())));
        return rates;
    }

    /** Operations of the benchmark per second. */
    static double perSecond(Result<?> throughput, BenchmarkParams benchmark) {
        return throughput.getScore()
                * TimeUnit.SECONDS.toNanos(1)
                / benchmark.getTimeUnit().toNanos(1);
    }

    private static ScalarResult best(String label, double value) {
        return new ScalarResult(label, value, "", AggregationPolicy.MAX);
    }
}
