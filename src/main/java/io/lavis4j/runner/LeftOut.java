package io.lavis4j.runner;

import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Updates that are left out because something is not finite, counted on the device so that the host need not wait. Past
 * the limit every update is left out: parameters stay what they were when it broke, until the host has read of it.
 */
final class LeftOut implements AutoCloseable {

    private final int limit;
    private final Tensor inARow;
    private final Tensor longestRow;
    private final Tensor updates;
    private final Tensor batchesPastLimit;

    /** @param limit updates in a row that may be left out */
    LeftOut(int limit, Device device) {
        this.limit = limit;
        inARow = zero(device);
        longestRow = zero(device);
        updates = zero(device);
        batchesPastLimit = zero(device);
    }

    private static Tensor zero(Device device) {
        return Scopes.retained(() -> torch.zeros(new long[] {1}, Tensors.options(device, ScalarType.Double)));
    }

    /**
     * Takes an update into account.
     *
     * @param isBad (1): 1 if a number of it is not finite, else 0
     * @param batches that it is made of
     * @return (1), float32: 1 if it is to be left out
     */
    Tensor judge(Tensor isBad, int batches) {
        inARow.add_(isBad).mul_(isBad);
        longestRow.copy_(longestRow.maximum(inARow));
        updates.add_(isBad);
        var isPastLimit = longestRow.gt(Tensors.scalar(limit)).to(ScalarType.Double);
        batchesPastLimit.add_(isPastLimit.mul(Tensors.scalar(batches)));
        return isPastLimit.maximum(isBad.to(ScalarType.Double)).to(ScalarType.Float);
    }

    /** (1), float32: 1 if the limit was passed by the updates so far. */
    Tensor isClosed() {
        return longestRow.gt(Tensors.scalar(limit)).to(ScalarType.Float);
    }

    /** What is to be read: updates left out since {@link #hasBeenRead()}, and batches since the limit was passed. */
    List<Tensor> counts() {
        return List.of(updates, batchesPastLimit);
    }

    /** Updates left out since {@link #hasBeenRead()}, (1). */
    Tensor updates() {
        return updates;
    }

    /** Updates left out in a row up to now, (1). */
    Tensor inARow() {
        return inARow;
    }

    /** Whether the limit was passed; waits for the device. */
    boolean isPastLimit() {
        return Tensors.doubles(batchesPastLimit)[0] > 0;
    }

    void hasBeenRead() {
        try (var scope = new PointerScope()) {
            updates.zero_();
        }
    }

    @Override
    public void close() {
        inARow.close();
        longestRow.close();
        updates.close();
        batchesPastLimit.close();
    }
}
