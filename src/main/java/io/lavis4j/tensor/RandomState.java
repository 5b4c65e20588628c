package io.lavis4j.tensor;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * State of the default random generators that dropout, drop path and sampling draw from: the CPU's and, on a GPU, that
 * device's. Closed by whoever captured it.
 */
public final class RandomState implements AutoCloseable {

    private final List<Generator> generators;
    private final List<Tensor> states;

    private RandomState(List<Generator> generators, List<Tensor> states) {
        this.generators = generators;
        this.states = states;
    }

    /** The present state of the generators that work on {@code device} uses. */
    public static RandomState capture(Device device) {
        var generators = generators(device);
        var states = new ArrayList<Tensor>();
        for (var generator : generators) {
            states.add(Scopes.retained(generator::get_state));
        }
        return new RandomState(generators, states);
    }

    /** Seeds every default generator, as {@code torch.manual_seed}. */
    public static void seed(long seed) {
        Libtorch.load();
        torch.manual_seed(seed);
    }

    /** Sets the generators back to this state. */
    public void restore() {
        for (int i = 0; i < states.size(); i++) {
            generators.get(i).set_state(states.get(i));
        }
    }

    /**
     * Sets the generators that work on {@code device} uses to states of {@link #states()}.
     *
     * @throws IllegalArgumentException if these are the states of another number of generators
     */
    public static void restore(Device device, List<Tensor> states) {
        var generators = generators(device);
        if (states.size() != generators.size()) {
            throw new IllegalArgumentException(
                    "expected the states of %d random generators, got %d; was the run on another"
                                    .formatted(generators.size(), states.size())
                            + " kind of device?");
        }
        try (var scope = new PointerScope()) {
            for (int i = 0; i < states.size(); i++) {
                generators.get(i).set_state(states.get(i).clone()); // aligned, wherever the state lay
            }
        }
    }

    /** The states, uint8, the CPU's first; as checkpoints keep them. Owned by this object. */
    public List<Tensor> states() {
        return List.copyOf(states);
    }

    @Override
    public void close() {
        states.forEach(Tensor::close);
    }

    private static List<Generator> generators(Device device) {
        Libtorch.load();
        var generators = new ArrayList<Generator>();
        generators.add(torch.getDefaultCPUGenerator());
        if (device.is_cuda()) {
            generators.add(torch.globalContext().defaultGenerator(device));
        }
        return generators;
    }
}
