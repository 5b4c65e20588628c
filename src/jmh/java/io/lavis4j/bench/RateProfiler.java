package io.lavis4j.bench;

import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * Adds to each result what it means for the model, and what matrix products alone reach in the same process.
 *
 * <p>The rates are those of the best iteration. Before each iteration large square matrices are multiplied for a while,
 * with the same device, dtype and threads; the best rate seen is the peak.
 */
public final class RateProfiler implements InternalProfiler {

    /** Images per second. */
    static final String SAMPLES = "samples/s";

    /** Written tokens per second. */
    static final String TOKENS = "tokens/s";

    /** Useful operations, 1e9 per second. */
    static final String GFLOPS = "GFLOP/s";

    /** Operations with those of gradient checkpointing, 1e9 per second. */
    static final String HARDWARE_GFLOPS = "GFLOP/s with recomputation";

    /** Operations of a matrix product, 1e9 per second. */
    static final String PEAK = "GFLOP/s of matmul";

    private static final long PEAK_NANOS = TimeUnit.MILLISECONDS.toNanos(400);
    private static final int CPU_SIDE = 1024;
    private static final int GPU_SIDE = 8192;

    private double peak;

    @Override
    public String getDescription() {
        return "samples, tokens and floating-point operations per second, beside those of matrix products";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        if (!Setting.isIn(benchmark)) {
            return;
        }
        var setting = Setting.of(benchmark);
        setting.apply();
        peak = Math.max(peak, multiply(setting, Work.of(benchmark)));
    }

    private static double multiply(Setting setting, Work work) {
        int side = setting.target().is_cuda() ? GPU_SIDE : CPU_SIDE;
        Tensor a = Scopes.retained(
                () -> torch.randn(new long[] {side, side}, Tensors.options(setting.target(), ScalarType.Float))
                        .to(work.products().dtype()));
        try (a;
                var noGrad = new NoGradGuard()) {
            double best = 0;
            long end = System.nanoTime() + PEAK_NANOS;
            Setting.await(a);
            for (int i = 0; i < 3 || System.nanoTime() < end; i++) {
                try (var scope = new PointerScope()) {
                    long start = System.nanoTime();
                    torch.mm(a, a);
                    Setting.await(a);
                    best = Math.max(best, 2.0 * side * side * side / (System.nanoTime() - start));
                }
            }
            return best;
        }
    }

    @Override
    public Collection<? extends Result<?>> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        if (benchmark.getMode() != Mode.Throughput || !Setting.isIn(benchmark)) {
            return List.of();
        }
        var work = Work.of(benchmark);
        double perSecond = perSecond(result.getPrimaryResult(), benchmark);
        var rates = new ArrayList<ScalarResult>();
        rates.add(best(SAMPLES, perSecond * work.samples()));
        if (work.tokens() > 0) {
            rates.add(best(TOKENS, perSecond * work.tokens()));
        }
        rates.add(best(GFLOPS, perSecond * work.flops() / 1e9));
        if (work.recomputedFlops() > 0) {
            rates.add(best(HARDWARE_GFLOPS, perSecond * (work.flops() + work.recomputedFlops()) / 1e9));
        }
        rates.add(best(PEAK, peak));
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
