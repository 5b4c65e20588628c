package io.lavis4j.runner;

import io.lavis4j.distributed.Processes;
import io.lavis4j.model.Losses;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Adds up losses and their parts on their device and reads them back only when asked. Means are those of finite losses.
 */
final class LossMeter implements AutoCloseable {

    private final Device device;
    private final Processes processes;
    private final Sum total;
    private final Map<String, Sum> parts = new LinkedHashMap<>();
    private int windowSteps;
    private long steps;

    /**
     * What was read.
     *
     * @param loss mean of the total since the last reading; NaN if no finite one was added
     * @param parts means of its parts by name, likewise
     * @param notFinite names of the parts of which one was not finite, and {@code loss} for such a total
     * @param others values of the tensors that were read with them
     */
    record Reading(double loss, Map<String, Double> parts, List<String> notFinite, double[] others) {}

    LossMeter(Device device) {
        this(device, Sums.NONE, Processes.alone());
    }

    /**
     * A meter that goes on from what another has added up.
     *
     * @param processes whose losses are read together
     */
    LossMeter(Device device, Sums before, Processes processes) {
        this.device = device;
        this.processes = processes;
        total = new Sum(device, before.total());
        before.parts().forEach((name, sum) -> parts.put(name, new Sum(device, sum)));
        windowSteps = before.windowSteps();
        steps = before.steps();
    }

    /**
     * Finite losses.
     *
     * @param sum of them
     * @param count how many they are
     */
    record Amount(double sum, double count) {

        static final Amount NONE = new Amount(0, 0);

        Amount plus(double moreSum, double moreCount) {
            return new Amount(sum + moreSum, count + moreCount);
        }

        /** NaN if there are none. */
        double mean() {
            return sum / count;
        }
    }

    /**
     * A sum in two halves, which are added as they were without a break in between.
     *
     * @param read what was read back
     * @param window what was added since
     */
    record Halves(Amount read, Amount window) {

        static final Halves NONE = new Halves(Amount.NONE, Amount.NONE);
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
            return total.read().mean();
        }

        /** Means of the parts by name, as {@link #mean()}. */
        Map<String, Double> partMeans() {
            var means = new LinkedHashMap<String, Double>();
            parts.forEach((name, sum) -> means.put(name, sum.read().mean()));
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
     * The losses of all processes since the last call; waits for the device.
     *
     * @param others numbers, (1) each, that come in the same copy
     */
    Reading read(List<Tensor> others) {
        double[] values = values(others, true);
        long added = (long) windowSteps * processes.world();
        var means = new LinkedHashMap<String, Double>();
        var notFinite = new ArrayList<String>();
        int read = 2;
        for (var part : parts.entrySet()) {
            means.put(part.getKey(), part.getValue().read(values[read], values[read + 1]));
            if (values[read + 1] < added) {
                notFinite.add(part.getKey());
            }
            read += 2;
        }
        if (values[1] < added) {
            notFinite.add("loss");
        }
        steps += windowSteps;
        windowSteps = 0;
        double loss = total.read(values[0], values[1]);
        return new Reading(loss, means, notFinite, Arrays.copyOfRange(values, read, values.length));
    }

    /**
     * What has been added up so far, since the last reading in this process alone, which stays; waits for the device.
     */
    Sums sums() {
        double[] values = values(List.of(), false);
        var halves = new LinkedHashMap<String, Halves>();
        int next = 2;
        for (var part : parts.entrySet()) {
            halves.put(part.getKey(), new Halves(part.getValue().read, new Amount(values[next], values[next + 1])));
            next += 2;
        }
        return new Sums(steps, windowSteps, new Halves(total.read, new Amount(values[0], values[1])), halves);
    }

    /** The windows of the total and its parts, of this process or of all, and the others. */
    private double[] values(List<Tensor> others, boolean ofAll) {
        try (var scope = new PointerScope()) {
            var sums = Stream.concat(Stream.of(total), parts.values().stream());
            var windows = Tensors.cat(0, sums.map(sum -> sum.window).toArray(Tensor[]::new));
            if (ofAll) {
                processes.sum(windows);
            }
            var all = Stream.concat(Stream.of(windows), others.stream());
            return Tensors.doubles(Tensors.cat(0, all.toArray(Tensor[]::new)));
        }
    }

    @Override
    public void close() {
        total.window.close();
        parts.values().forEach(sum -> sum.window.close());
    }

    /** A sum on the device since it was last read, and all that was read. */
    private static final class Sum {

        private final Tensor window; // (2): the sum of finite losses, and how many these are
        private Amount read;

        Sum(Device device, Halves before) {
            read = before.read();
            window = Scopes.retained(() -> torch.zeros(new long[] {2}, Tensors.options(device, ScalarType.Double)));
            try (var scope = new PointerScope()) {
                window.select(0, 0).fill_(Tensors.scalar(before.window().sum()));
                window.select(0, 1).fill_(Tensors.scalar(before.window().count()));
            }
        }

        void add(Tensor loss) {
            try (var scope = new PointerScope()) {
                var isFinite = loss.isfinite();
                var value = loss.detach().where(isFinite, Tensors.scalar(0.0));
                window.add_(torch.stack(new TensorVector(value.to(ScalarType.Double), isFinite.to(ScalarType.Double))));
            }
        }

        /** The mean since the last reading. */
        double read(double sum, double count) {
            read = read.plus(sum, count);
            try (var scope = new PointerScope()) {
                window.zero_();
            }
            return sum / count;
        }
    }
}
