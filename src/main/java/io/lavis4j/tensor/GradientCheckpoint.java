package io.lavis4j.tensor;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.function.UnaryOperator;
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
import org.jspecify.annotations.Nullable;

/**
 * Activation recomputation (arXiv:1604.06174): a block keeps its input alone, and backward runs the block again.
 *
 * <p>Random numbers and autocast are replayed, so gradients equal those of the plain run, dropout and drop path
 * included. {@link #run} serves forward, {@link #backward} takes the place of {@code loss.backward()} and ends the
 * step: whatever other forward passes have kept is freed too, and a backward from them is an error.
 */
public final class GradientCheckpoint implements AutoCloseable {

    static {
        Libtorch.load();
    }

    /** How backward comes to recompute a block. */
    public enum Mode {
        /**
         * A gradient hook after the block recomputes. The graph is one piece, so {@code loss.backward()} does as well;
         * what it leaves behind is freed at the next {@link GradientCheckpoint#run}.
         */
        HOOKS,
        /**
         * The graph ends at each block, and {@link GradientCheckpoint#backward} walks the blocks from last to first. A
         * block's input feeds that block alone, unless it is a leaf or the output of another block.
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

    /** What of a block is computed again. */
    public enum Granularity {
        /** All but its last product. */
        FULL,
        /**
         * Neither that nor the products before an activation, which are kept until then (selective recomputation,
         * arXiv:2205.05198): of a vision encoder's block the MLP's first, half of the products that are left.
         */
        SELECTIVE
    }

    private static final TensorTensorHook EXPIRED = new Expired().retainReference();

    private final Mode mode;
    private final Granularity granularity;
    private final Deque<Block> blocks = new ArrayDeque<>();
    private @Nullable Tensor handedOut;

    /** Full recomputation in the given mode. */
    public GradientCheckpoint(Mode mode) {
        this(mode, Granularity.FULL);
    }

    /** Recomputation in the given mode, of so much. */
    public GradientCheckpoint(Mode mode, Granularity granularity) {
        this.mode = mode;
        this.granularity = granularity;
    }

    /**
     * Runs one block without keeping its activations.
     *
     * @param trained whether a parameter that {@code block} uses needs a gradient
     * @param block to a tensor of the same shape and dtype, from no other tensor that needs a gradient
     * @param x (...); kept until backward
     * @return the block's output, not to be changed in place; outside training simply {@code block.apply(x)}
     * @throws IllegalStateException if the last loss went backward without {@link #backward} in segmented mode
     */
    public Tensor run(boolean trained, UnaryOperator<Tensor> block, Tensor x) {
        if (!GradMode.is_enabled() || !(x.requires_grad() || trained)) {
            return block.apply(x);
        }
        freeFinished();
        var saved = new Block(block, x);
        blocks.push(saved);
        return mode == Mode.HOOKS ? saved.forwardWithHook(x) : saved.forwardSegment(x);
    }

    /**
     * Backward from a loss that was computed from the blocks' outputs, and through the blocks; frees what forward kept.
     */
    public void backward(Tensor loss) {
        try (this) {
            loss.backward();
            while (mode == Mode.SEGMENTED && !blocks.isEmpty()) {
                try (var block = blocks.pop()) {
                    block.backwardSegment();
                }
            }
        }
    }

    private void freeFinished() {
        blocks.stream().filter(block -> block.finished).forEach(Block::close);
        blocks.removeIf(block -> block.finished);
        if (mode == Mode.SEGMENTED && blocks.stream().anyMatch(Block::hasGradient)) {
            throw new IllegalStateException(
                    "loss.backward() stops at the blocks in segmented mode: call GradientCheckpoint.backward(loss)");
        }
    }

    /** Frees what forward kept; a later backward from it throws. */
    @Override
    public void close() {
        blocks.forEach(Block::close);
        blocks.clear();
        freeHandedOut();
    }

    /** One block of one forward pass: its input, and the state under which it ran. */
    private final class Block implements AutoCloseable {

        private final UnaryOperator<Tensor> function;
        private final Tensor input;
        private final Tensor leaf;
        private final RandomState random;
        private final Autocast.State autocast;
        private final KeptProducts products = new KeptProducts();
        private @Nullable Tensor end;
        private @Nullable Recompute hook;
        private boolean finished;

        Block(UnaryOperator<Tensor> function, Tensor x) {
            this.function = function;
            this.input = Scopes.retained(() -> new Tensor(x));
            this.leaf = Scopes.retained(() -> x.detach().requires_grad_(true));
            this.random = RandomState.capture(x.device());
            this.autocast = Autocast.State.of(x.device());
        }

        /**
         * Two aliases of {@code x} in the graph: the hook recomputes at the first, which gives up its data and can thus
         * be held until {@link #close()}; the second gets the block's output for data.
         */
        Tensor forwardWithHook(Tensor x) {
            return Scopes.keep(() -> {
                Tensor start = x.requires_grad() ? x : x.detach().requires_grad_(true);
                Tensor anchor = Scopes.retained(start::alias);
                end = anchor;
                Tensor out = anchor.alias();
                try (var noGrad = new NoGradGuard()) {
                    anchor.set_data(torch.empty(new long[] {0}, x.options(), null));
                    out.set_data(firstRun(leaf));
                }
                hook = new Recompute(this).retainReference(); // libtorch keeps only its address
                anchor.register_hook(hook);
                return out;
            });
        }

        private Tensor firstRun(Tensor x) {
            return DenseLayer.asWithGradients(() ->
                    granularity == Granularity.SELECTIVE ? products.keep(() -> function.apply(x)) : function.apply(x));
        }

        Tensor forwardSegment(Tensor x) {
            try (var noGrad = new NoGradGuard()) {
                Tensor output = Scopes.retained(() -> firstRun(x).detach().requires_grad_(true));
                end = output;
                return Scopes.keep(() -> new Tensor(output));
            }
        }

        /** Runs the block again and sends {@code gradient} of its output through it; returns that of its input. */
        Tensor recompute(Tensor gradient) {
            if (finished) {
                throw new IllegalStateException("a second backward through a recomputed block");
            }
            try (var on = new AutoGradMode(true);
                    var unread = new UnreadProduct.Hooks()) {
                Tensor y = Scopes.keep(() -> unread.run(this::secondRun)); // backward needs no other temporaries
                y.backward(gradient, new BoolOptional(), false, new TensorArrayRefOptional());
            }
            Tensor result = new Tensor(leaf.grad());
            leaf.mutable_grad().put(new Tensor());
            return result;
        }

        private Tensor secondRun() {
            try (var now = RandomState.capture(leaf.device());
                    var same = Autocast.again(leaf.device(), autocast)) {
                torch.clear_cache(); // a weight's cast from forward knows no gradient
                random.restore();
                try {
                    return products.use(() -> function.apply(leaf));
                } finally {
                    now.restore();
                }
            }
        }

        boolean hasGradient() {
            return end != null && end.grad().defined();
        }

        void backwardSegment() {
            if (end == null || !hasGradient()) {
                return; // the loss does not depend on this block
            }
            try (var scope = new PointerScope()) {
                Tensor gradient = recompute(new Tensor(end.grad()));
                if (input.requires_grad()) {
                    input.backward(gradient, new BoolOptional(), false, new TensorArrayRefOptional());
                }
            }
        }

        void freeActivations() {
            input.close();
            leaf.close();
            products.close();
            finished = true;
        }

        @Override
        public void close() {
            freeActivations();
            random.close();
            if (end != null) {
                if (hook != null) {
                    end.remove_hook(0);
                    hook.close();
                }
                end.register_hook(EXPIRED);
                end.close();
            }
        }
    }

    /** The gradient hook of a block's output: recomputes the block and returns the gradient of its input. */
    private final class Recompute extends TensorTensorHook {

        private final Block block;

        Recompute(Block block) {
            this.block = block;
        }

        @Override
        public TensorBase call(TensorBase gradient) {
            try (gradient; // made for this call, in the scope of the step or, on a GPU's thread, in none
                    var scope = new PointerScope()) {
                Tensor result = block.recompute(new Tensor(gradient));
                block.freeActivations();
                return handOut(result);
            }
        }
    }

    /** Keeps a hook's result until the next one: libtorch copies it only when the call has returned. */
    private Tensor handOut(Tensor result) {
        freeHandedOut();
        handedOut = result.retainReference();
        return result;
    }

    private void freeHandedOut() {
        if (handedOut != null) {
            handedOut.close();
            handedOut = null;
        }
    }

    /** Stands where the hook of a closed block was. */
    private static final class Expired extends TensorTensorHook {

        @Override
        public TensorBase call(TensorBase gradient) {
            throw new IllegalStateException(
                    "a backward through a recomputed block whose step is over: go backward once for all losses of a step,"
                            + " or after each forward");
        }
    }
}
