package io.lavis4j.tensor;

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
     * Replaces {@code x} by {@code step(x)}: temporaries are freed and {@code x} is closed.
     *
     * @param x made by the caller and used by nobody else; a graph that needs its values keeps them alive
     * @param step makes another tensor
     */
    public static Tensor replace(Tensor x, UnaryOperator<Tensor> step) {
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
