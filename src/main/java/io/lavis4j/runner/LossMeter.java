package io.lavis4j.runner;

import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Adds up losses on their device and reads them back only when asked. */
final class LossMeter implements AutoCloseable {

    private final Tensor window;
    private int windowSteps;
    private double total;
    private long steps;

    LossMeter(Device device) {
        window = Scopes.retained(() -> torch.zeros(new long[0], Tensors.options(device, ScalarType.Double)));
    }

    /** @param loss scalar */
    void add(Tensor loss) {
        try (var scope = new PointerScope()) {
            window.add_(loss.detach());
        }
        windowSteps++;
    }

    /**
     * The mean since the last call; waits for the device.
     *
     * @return NaN if nothing was added
     */
    double read() {
        double sum = window.item_double();
        double mean = sum / windowSteps;
        total += sum;
        steps += windowSteps;
        windowSteps = 0;
        window.zero_();
        return mean;
    }

    /** The mean of all that was read; NaN if nothing was. */
    double mean() {
        return total / steps;
    }

    @Override
    public void close() {
        window.close();
    }
}
