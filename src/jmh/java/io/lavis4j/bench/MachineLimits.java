package io.lavis4j.bench;

import io.lavis4j.tensor.Scopes;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The rates that nothing here can exceed, by what libtorch reaches with the threads that it has been given.
 *
 * @param gflops of the best of several float32 products, 1e9 operations per second
 * @param bandwidth of the best reading of a tensor of {@link #BYTES}, 1e9 bytes per second
 */
record MachineLimits(double gflops, double bandwidth) {

    private static final int[] SIDES = {1024, 2048, 3072};
    private static final int PRODUCTS = 6;
    private static final long BYTES = 512L << 20;
    private static final int READINGS = 12;

    static MachineLimits measure() {
        double gflops = 0;
        for (int side : SIDES) {
            double seconds = fastest(PRODUCTS, () -> torch.randn(side, side), x -> torch.mm(x, x));
            gflops = Math.max(gflops, 2e-9 * side * side * side / seconds);
        }
        double seconds = fastest(READINGS, () -> torch.ones(BYTES / Float.BYTES), torch::sum);
        return new MachineLimits(gflops, 1e-9 * BYTES / seconds);
    }

    private static double fastest(int times, Supplier<Tensor> given, Consumer<Tensor> operation) {
        var x = Scopes.retained(given);
        long best = Long.MAX_VALUE;
        try (x;
                var noGrad = new NoGradGuard()) {
            for (int i = 0; i < times; i++) {
                try (var scope = new PointerScope()) {
                    long start = System.nanoTime();
                    operation.accept(x);
                    best = Math.min(best, System.nanoTime() - start);
                }
            }
        }
        return best / 1e9;
    }
}
