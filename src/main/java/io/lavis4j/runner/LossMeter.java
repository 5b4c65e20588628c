package io.lavis4j.runner;

import io.lavis4j.model.Losses;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Adds up losses and their parts on their device and reads them back only when asked. */
final class LossMeter implements AutoCloseable {

    private final Device device;
    private final Sum total;
    private final Map<String, Sum> parts = new LinkedHashMap<>();
    private int windowSteps;
    private long steps;

    LossMeter(Device device) {
        this.device = device;
        total = new Sum(device);
    }

    /** Adds the losses of one step. */
    void add(Losses losses) {
        total.add(losses.total());
        losses.parts()
                .forEach((name, part) ->
                        parts.computeIfAbsent(name, n -> new Sum(device)).add(part));
        windowSteps++;
    }

    /**
     * The mean of the total since the last call; waits for the device.
     *
     * @return NaN if nothing was added
     */
    double read() {
        double mean = readSums() / windowSteps;
        steps += windowSteps;
        windowSteps = 0;
        return mean;
    }

    /** Brings all sums to the host in one copy; the total's is the result. */
    private double readSums() {
        var sums = new ArrayList<>(parts.values());
        sums.add(0, total);
        try (var scope = new PointerScope()) {
            var windows = sums.stream().map(sum -> sum.window).toArray(Tensor[]::new);
            double[] values = Tensors.doubles(torch.stack(new TensorVector(windows)));
            for (int i = 0; i < values.length; i++) {
                sums.get(i).read(values[i]);
            }
            return values[0];
        }
    }

    /** The mean of all that was read; NaN if nothing was. */
    double mean() {
        return total.all / steps;
    }

    /** Means of the parts by name, as {@link #mean()}. */
    Map<String, Double> partMeans() {
        var means = new LinkedHashMap<String, Double>();
        parts.forEach((name, sum) -> means.put(name, sum.all / steps));
        return means;
    }

    @Override
    public void close() {
        total.window.close();
        parts.values().forEach(sum -> sum.window.close());
    }

    /** A sum on the device since it was last read, and all that was read. */
    private static final class Sum {

        private final Tensor window;
        private double all;

        Sum(Device device) {
            window = Scopes.retained(() -> torch.zeros(new long[0], Tensors.options(device, ScalarType.Double)));
        }

        void add(Tensor loss) {
            try (var scope = new PointerScope()) {
                window.add_(loss.detach());
            }
        }

        void read(double value) {
            all += value;
            window.zero_();
        }
    }
}
