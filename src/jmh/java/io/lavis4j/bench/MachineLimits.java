package io.lavis4j.bench;

import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The rates that nothing here can exceed, by what this process reaches with the threads that it has been given. A rate
 * of products is that of the kernels that are installed here: another library, and another processor's instructions,
 * have another.
 *
 * @param gflops of the best of several float32 products, 1e9 operations per second
 * @param bandwidth of the best reading of a large tensor, 1e9 bytes per second
 */
record MachineLimits(double gflops, double bandwidth) {

    private static final int[] CPU_SIDES = {1024, 2048, 3072};
    private static final int[] GPU_SIDES = {8192};
    private static final int PRODUCTS = 6;
    private static final long BYTES = 512L << 20;
    private static final int READINGS = 12;

    static MachineLimits measure() {
        return new MachineLimits(gflops(Devices.cpu(), ScalarType.Float), bandwidth(Devices.cpu()));
    }

    /** The rate of the best product of square matrices of a type. */
    static double gflops(Device device, ScalarType dtype) {
        return IntStream.of(device.is_cuda() ? GPU_SIDES : CPU_SIDES)
                .mapToDouble(side -> 2e-9 * side * side * side / secondsOfProduct(device, dtype, side))
                .max()
                .orElseThrow();
    }

    /** The rate of the best reading of a large tensor. */
    static double bandwidth(Device device) {
        try (var memory = new Memory(device)) {
            return IntStream.range(0, READINGS)
                    .mapToDouble(i -> memory.read())
                    .max()
                    .orElseThrow();
        }
    }

    /** A large tensor, to be read beside something else whose limit is its rate at that moment. */
    static final class Memory implements AutoCloseable {
        private final Tensor tensor;

        Memory(Device device) {
            var options = Tensors.options(device, ScalarType.Float);
            tensor = Scopes.retained(() -> torch.ones(new long[] {BYTES / Float.BYTES}, options));
            Setting.await(tensor);
        }

        /** The rate of one reading, 1e9 bytes per second. */
        double read() {
            try (var scope = new PointerScope()) {
                long start = System.nanoTime();
                Setting.await(torch.sum(tensor));
                return (double) BYTES / (System.nanoTime() - start);
            }
        }

        @Override
        public void close() {
            tensor.close();
        }
    }

    /** Of the fastest. */
    private static double secondsOfProduct(Device device, ScalarType dtype, int side) {
        var options = Tensors.options(device, ScalarType.Float);
        long best = Long.MAX_VALUE;
        try (var x = Scopes.retained(
                        () -> torch.randn(new long[] {side, side}, options).to(dtype));
                var noGrad = new NoGradGuard()) {
            Setting.await(x);
            for (int i = 0; i < PRODUCTS; i++) {
                try (var scope = new PointerScope()) {
                    long start = System.nanoTime();
                    Setting.await(torch.mm(x, x));
                    best = Math.min(best, System.nanoTime() - start);
                }
            }
        }
        return best / 1e9;
    }
}
