package io.lavis4j.nn;

import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Scopes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.TensorTensorHook;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Activation recomputation (arXiv:1604.06174): a block keeps its input alone, and backward runs the block again.
 *
 * <p>Random numbers and autocast are replayed, so gradients equal those of the plain run, dropout and drop path
 * included. One object serves one training step at a time: {@link #run} in forward, {@link #backward} instead of
 * {@code loss.backward()}, {@link #close()} when the step is over.
 */
public final class GradientCheckpoint implements AutoCloseable {

    /** How backward comes to recompute a block. */
    public enum Mode {
        /** A gradient hook on the block's output recomputes; the graph is one piece. */
        HOOKS,
        /**
         * The graph ends at each block, and {@link GradientCheckpoint#backward} walks the blocks from last to first.
         */
        SEGMENTED;

        /** The mode that the system property {@code lavis4j.checkpoint} names: hooks (default) or segmented. */
        public static Mode configured() {
            String name = System.getProperty("lavis4j.checkpoint", "hooks");
            return switch (name) {
                case "hooks" -> HOOKS;
                case "segmented" -> SEGMENTED;
                default ->
                    throw new IllegalArgumentException(
                            "lavis4j.checkpoint must be hooks or segmented, got \"" + name + "\"");
            };
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Mode mode;
    private final Deque<Block> blocks = new ArrayDeque<>();

    /** Recomputation in the given mode. */
    public GradientCheckpoint(Mode mode) {
        this.mode = mode;
    }

    /**
     * Runs one block without keeping its activations.
     *
     * @param module owner of the parameters that {@code block} uses
     * @param block from a tensor to one of the same shape, using no other tensor that needs a gradient
     * @param x (...); kept until backward
     * @return the block's output; outside training simply {@code block.apply(x)}
     */
    public Tensor run(Module module, UnaryOperator<Tensor> block, Tensor x) {
        if (!GradMode.is_enabled() || !(x.requires_grad() || module.isTrained())) {
            return block.apply(x);
        }
        freeFinished();
        var saved = new Block(block, x);
        blocks.push(saved);
        return mode == Mode.HOOKS ? saved.forwardWithHook(x) : saved.forwardSegment(x);
    }

    /** Backward from a loss that was computed from the blocks' outputs, and through the blocks. */
    public void backward(Tensor loss) {
        loss.backward();
        if (mode == Mode.SEGMENTED) {
            while (!blocks.isEmpty()) {
                try (var block = blocks.pop()) {
                    block.backwardSegment();
                }
            }
        }
    }

    private void freeFinished() {
        blocks.stream().filter(block -> block.finished).forEach(Block::close);
        blocks.removeIf(block -> block.finished);
    }

    /** Frees what forward kept. */
    @Override
    public void close() {
        blocks.forEach(Block::close);
        blocks.clear();
    }

    /** One block of one forward pass: its input, and the state under which it ran. */
    private static final class Block implements AutoCloseable {

        private final UnaryOperator<Tensor> function;
        private final Tensor input;
        private final Tensor leaf;
        private final RandomState random;
        private final boolean autocast;
        private final ScalarType autocastDtype;
        private final List<Pointer> owned = new ArrayList<>();
        private @Nullable Tensor output;
        private boolean finished;

        Block(UnaryOperator<Tensor> function, Tensor x) {
            this.function = function;
            this.input = Scopes.retained(() -> new Tensor(x));
            this.leaf = Scopes.retained(() -> x.detach().requires_grad_(true));
            this.random = RandomState.capture(x.device());
            this.autocast = Autocast.isEnabled();
            this.autocastDtype = torch.get_autocast_dtype(DeviceType.CUDA);
        }

        /**
         * An alias of {@code x} in the graph, whose data is replaced by the block's output and whose hook recomputes.
         */
        Tensor forwardWithHook(Tensor x) {
            return Scopes.keep(() -> {
                Tensor start = x.requires_grad() ? x : x.detach().requires_grad_(true);
                Tensor out = start.alias();
                try (var noGrad = new NoGradGuard()) {
                    out.set_data(function.apply(leaf));
                }
                var hook = new Recompute(this);
                hook.retainReference(); // libtorch keeps only its address
                owned.add(hook);
                out.register_hook(hook);
                return out;
            });
        }

        Tensor forwardSegment(Tensor x) {
            try (var noGrad = new NoGradGuard()) {
                output = Scopes.retained(() -> function.apply(x).detach().requires_grad_(true));
            }
            owned.add(output);
            return Scopes.keep(() -> new Tensor(output));
        }

        /** Runs the block again and sends {@code gradient} of its output through it; the leaf then has the input's. */
        Tensor recompute(Tensor gradient) {
            var device = leaf.device();
            try (var now = RandomState.capture(device);
                    var on = new AutoGradMode(true)) {
                random.restore();
                Tensor y = runAsInForward();
                now.restore();
                y.backward(gradient, new BoolOptional(), false, new TensorArrayRefOptional());
            }
            Tensor result = new Tensor(leaf.grad());
            leaf.mutable_grad().put(new Tensor());
            return result;
        }

        private Tensor runAsInForward() {
            if (!autocast) {
                return function.apply(leaf);
            }
            try (var same = new Autocast(leaf.device(), autocastDtype)) {
                return function.apply(leaf);
            }
        }

        void backwardSegment() {
            try (var scope = new PointerScope()) {
                Tensor out = output;
                if (out == null || !out.grad().defined()) {
                    return; // the loss does not depend on this block
                }
                Tensor gradient = recompute(new Tensor(out.grad()));
                if (!input.requires_grad()) {
                    return;
                }
                if (input.is_leaf()) {
                    accumulate(input, gradient);
                } else {
                    input.backward(gradient, new BoolOptional(), false, new TensorArrayRefOptional());
                }
            }
        }

        private static void accumulate(Tensor leaf, Tensor gradient) {
            Tensor present = leaf.grad();
            leaf.mutable_grad().put(present.defined() ? present.add(gradient) : gradient);
        }

        void freeActivations() {
            input.close();
            leaf.close();
            finished = true;
        }

        @Override
        public void close() {
            freeActivations();
            random.close();
            owned.forEach(Pointer::close);
            owned.clear();
        }
    }

    /** The gradient hook of a block's output: recomputes the block and returns the gradient of its input. */
    private static final class Recompute extends TensorTensorHook {

        private final Block block;

        Recompute(Block block) {
            this.block = block;
        }

        @Override
        public TensorBase call(TensorBase gradient) {
            try (var scope = new PointerScope()) {
                var result = block.recompute(new Tensor(gradient));
                result.retainReference(); // outlives the scope: libtorch copies it when this call has returned
                block.freeActivations();
                block.owned.add(result);
                return result;
            }
        }
    }
}
