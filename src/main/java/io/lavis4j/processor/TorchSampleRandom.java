package io.lavis4j.processor;

import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Libtorch;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Draws from libtorch's default generator of the CPU by the calls that torchvision makes, so that crops and flips after
 * {@link RandomState#seed} are those of LAVIS after {@code torch.manual_seed}.
 *
 * <p>That generator is one for the whole program; RandAugment, which in LAVIS draws from NumPy's, draws from it too.
 */
public final class TorchSampleRandom implements SampleRandom {

    public TorchSampleRandom() {
        Libtorch.load();
    }

    /**
     * {@code torch.empty(1).uniform_(low, high)}, hence of float precision; {@code torch.rand(1)} is that of 0 and 1.
     */
    @Override
    public double uniform(double low, double high) {
        try (var scope = new PointerScope()) {
            return torch.empty(new long[] {1}, Tensors.options(Devices.cpu(), ScalarType.Float), null)
                    .uniform_(low, high, null)
                    .item_float();
        }
    }

    /** {@code torch.randint(low, high, (1,))}. */
    @Override
    public int integer(int low, int high) {
        try (var scope = new PointerScope()) {
            var options = Tensors.options(Devices.cpu(), ScalarType.Long);
            return (int) torch.randint(low, high, new long[] {1}, options).item_long();
        }
    }
}
