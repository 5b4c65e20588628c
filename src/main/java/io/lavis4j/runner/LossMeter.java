package io.lavis4j.runner;

import io.lavis4j.model.Losses;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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
        this(device, Sums.NONE);
    }

    /** A meter that goes on from what another has added up. */
    LossMeter(Device device, Sums before) {
        this.device = device;
        total = new Sum(device, before.total());
        before.parts().forEach((name, sum) -> parts.put(name, new Sum(device, sum)));
        windowSteps = before.windowSteps();
        steps = before.steps();
    }

    /**
     * A sum in two halves, which are added as they were without a break in between.
     *
     * @param read what was read back
     * @param window what was added since
     */
    record Halves(double read, double window) {

        static final Halves NONE = new Halves(0, 0);
    }

    /**
     * All that has been added up.
     *
     * @param steps whose losses were read back
     * @param windowSteps further ones
     * @param total of the losses
     * @param parts by name, in the order of their first step
     */
    record Sums(long steps, int windowSteps, Halves total, Map<String, Halves> parts) {

        static final Sums NONE = new Sums(0, 0, Halves.NONE, Map.of());

        /** The mean of all that was read; NaN if nothing was. */
        double mean() {
            return total.read() / steps;
        }

        /** Means of the parts by name, as {@link #mean()}. */
        Map<String, Double> partMeans() {
            var means = new LinkedHashMap<String, Double>();
            parts.forEach((name, sum) -> means.put(name, sum.read() / steps));
            return means;
        }
    }

    /** Adds the losses of one step. */
    void add(Losses losses) {
        total.add(losses.total());
        losses.parts()
                .forEach((name, part) -> parts.computeIfAbsent(name, n -> new Sum(device, Halves.NONE))
                        .add(part));
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

    /** Brings all sums to the host and begins new windows; the total's is the result. */
    private double readSums() {
        var sums = all();
        double[] values = windows(sums);
        for (int i = 0; i < values.length; i++) {
            sums.get(i).read(values[i]);
        }
        return values[0];
    }

    /** What has been added up so far, which stays as it is; waits for the device. */
    Sums sums() {
        double[] values = windows(all());
        var halves = new LinkedHashMap<String, Halves>();
        int index = 1;
        for (var part : parts.entrySet()) {
            halves.put(part.getKey(), new Halves(part.getValue().read, values[index++]));
        }
        return new Sums(steps, windowSteps, new Halves(total.read, values[0]), halves);
    }

    private List<Sum> all() {
        var sums = new ArrayList<>(parts.values());
        sums.add(0, total);
        return sums;
    }

    /** In one copy. */
    private static double[] windows(List<Sum> sums) {
        try (var scope = new PointerScope()) {
            var windows = sums.stream().map(sum -> sum.window).toArray(Tensor[]::new);
            return Tensors.doubles(torch.stack(new TensorVector(windows)));
        }
    }

    @Override
    public void close() {
        total.window.close();
        parts.values().forEach(sum -> sum.window.close());
    }

    /** A sum on the device since it was last read, and all that was read. */
    private static final class Sum {

        private final Tensor window;
        private double read;

        Sum(Device device, Halves before) {
            read = before.read();
            window = Scopes.retained(() -> torch.full(
                    new long[0], Tensors.scalar(before.window()), Tensors.options(device, ScalarType.Double)));
        }

        void add(Tensor loss) {
            try (var scope = new PointerScope()) {
                window.add_(loss.detach());
            }
        }

        void read(double value) {
            read += value;
            window.zero_();
        }
    }
}
