package io.lavis4j.tensor;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.VoidTensorHook;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The part of libtorch's graph that stands for {@link FusedAttention}, as the graph takes no function from here: sums
 * of q, k and v, added up and broadcast to the shape of the output. A hook at the output computes all gradients, hooks
 * at q, k and v put them in the place of what the graph computed.
 *
 * <p>libtorch keeps only addresses of hooks, and does not say when a graph is gone. So hooks stay for the next use, of
 * another graph, as soon as libtorch has let go of a tensor that it saved for backward: after a backward that does not
 * retain the graph, or with the graph. Then q, k, v and weights are freed too: by backward, or by the next
 * {@link #record}.
 */
final class AttentionGraph {

    /** As many as there have been graphs at once: their hooks must stay where libtorch knows them. */
    private static final List<AttentionGraph> ALL = new ArrayList<>();

    private final Input[] inputs = {new Input(), new Input(), new Input()};
    private final Output output = new Output();
    private final List<Pointer> kept = new ArrayList<>();
    private FusedAttention.@Nullable Saved saved;
    private @Nullable Tensor witness;

    private AttentionGraph() {
        output.retainReference();
        for (var input : inputs) {
            input.retainReference();
        }
    }

    /**
     * Makes {@code y} a result of {@code from} in the graph.
     *
     * @param from q, k and v
     * @param saved of the same values, without a graph
     * @param y the values of the output, without a graph
     */
    static synchronized Tensor record(Tensor[] from, FusedAttention.Saved saved, Tensor y) {
        return free().begin(from, saved, y);
    }

    private static AttentionGraph free() {
        AttentionGraph found = null;
        for (var graph : ALL) {
            if (graph.isOver()) {
                graph.release();
                found = graph;
            }
        }
        if (found == null) {
            found = new AttentionGraph();
            ALL.add(found);
        }
        return found;
    }

    /** Whether libtorch's graph, if there is one, cannot go backward any more and waits for no gradient. */
    private boolean isOver() {
        boolean pending = false;
        for (var input : inputs) {
            pending |= input.gradient != null;
        }
        return !pending && !isRetained();
    }

    private boolean isRetained() {
        return witness != null && witness.use_count() > 1;
    }

    private Tensor begin(Tensor[] from, FusedAttention.Saved values, Tensor y) {
        saved = values;
        for (var tensor : new Tensor[] {values.q(), values.k(), values.v(), values.weights()}) {
            kept.add(tensor.retainReference());
        }
        var one = torch.ones(1); // saved by the product below
        witness = one.retainReference();
        Tensor sum = null;
        for (int i = 0; i < inputs.length; i++) {
            inputs[i].isNeeded = from[i].requires_grad();
            if (inputs[i].isNeeded) {
                var input = from[i].alias();
                input.register_hook(inputs[i]);
                var part = input.sum(new long[] {0, 1, 2, 3}, true, new ScalarTypeOptional()); // (1, 1, 1, 1)
                sum = sum == null ? part : sum.add(part);
            }
        }
        if (sum == null) {
            throw new IllegalStateException("expected q, k or v to need a gradient, got none that does");
        }
        var result = sum.mul(one).expand(y.shape()); // (B, H, N, d)
        result.register_hook(output);
        try (var noGrad = new NoGradGuard()) {
            result.set_data(y);
        }
        return result;
    }

    private void release() {
        kept.forEach(Pointer::close);
        kept.clear();
        saved = null;
        if (witness != null) {
            witness.close();
            witness = null;
        }
    }

    private static synchronized void releaseIfOver(AttentionGraph graph) {
        if (graph.isOver()) {
            graph.release();
        }
    }

    /** Computes all gradients when that of the output comes. */
    private final class Output extends VoidTensorHook {

        @Override
        public void call(TensorBase gradient) {
            try (gradient; // made for this call
                    var scope = new PointerScope();
                    var noGrad = new NoGradGuard()) {
                if (saved == null || !isRetained() || !saved.isOf(gradient)) {
                    throw new IllegalStateException(
                            "a second backward through attention with dropout: go backward once for all losses of a step,"
                                    + " or retain the graph");
                }
                saved.check();
                var needed = new boolean[inputs.length];
                for (int i = 0; i < needed.length; i++) {
                    needed[i] = inputs[i].isNeeded;
                }
                var gradients = saved.gradients(new Tensor(gradient), needed);
                for (int i = 0; i < needed.length; i++) {
                    inputs[i].expect(gradients[i]);
                }
            }
        }
    }

    /** Puts the gradient of an input where the graph has one of other values. */
    private final class Input extends VoidTensorHook {

        private boolean isNeeded;
        private @Nullable Tensor gradient;

        void expect(@Nullable Tensor computed) {
            if (gradient != null) {
                gradient.close();
            }
            gradient = computed == null ? null : computed.retainReference();
        }

        @Override
        public void call(TensorBase other) {
            try (other) { // made for this call
                if (gradient == null) {
                    throw new IllegalStateException("the gradient of an input before that of the output");
                }
                other.set_data(gradient);
                expect(null);
            }
            releaseIfOver(AttentionGraph.this);
        }
    }
}
