package io.lavis4j.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * The one idiom by which a result leaves the {@link PointerScope} that frees its temporaries.
 *
 * <p>Whoever owns a loop owns a scope; a result is handed to the scope that was innermost before, which frees it. Where
 * there is none, the caller closes the result, or leaves it to the garbage collector.
 */
public final class Scopes {

    static {
        Libtorch.load();
    }

    private Scopes() {}

    /** Runs {@code body} in a scope of its own and hands its result to the enclosing scope. */
    public static <P extends Pointer> P keep(Supplier<P> body) {
        var outer = PointerScope.getInnerScope();
        try (var scope = new PointerScope()) {
            P result = body.get();
            if (outer != null) {
                outer.attach(result);
            } else {
                result.retainReference();
            }
            return result;
        }
    }

    /**
     * The loop over a model's blocks: each step's temporaries are freed, and what goes into a block is closed after it.
     *
     * @param start makes the input of the first block
     * @param step a block's output from the block and its input; a graph that needs the input's values keeps them alive
     * @return the last block's output, handed to the enclosing scope
     */
    public static <B> Tensor through(Supplier<Tensor> start, List<B> blocks, BiFunction<B, Tensor, Tensor> step) {
        var x = keep(start);
        for (var block : blocks) {
            x = replace(x, input -> step.apply(block, input));
        }
        return x;
    }

    /** As {@link #through}, for inspection: the input of the first block and the outputs of all are kept. */
    public static <B> List<Tensor> trace(Supplier<Tensor> start, List<B> blocks, BiFunction<B, Tensor, Tensor> step) {
        var states = new ArrayList<Tensor>();
        states.add(keep(start));
        for (var block : blocks) {
            var input = states.get(states.size() - 1);
            states.add(keep(() -> step.apply(block, input)));
        }
        return states;
    }

    /** Replaces {@code x}, used by nobody else, by {@code step(x)}: temporaries are freed and {@code x} is closed. */
    static Tensor replace(Tensor x, UnaryOperator<Tensor> step) {
        Tensor result = keep(() -> step.apply(x));
        x.close();
        return result;
    }

    /** Makes a tensor that no scope frees: its owner calls {@link Pointer#close()}. */
    public static Tensor retained(Supplier<Tensor> body) {
        try (var scope = new PointerScope()) {
            return body.get().retainReference();
        }
    }
}
