package io.lavis4j.checkpoint;

import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Walks over the values of a checkpoint, bounded so that no file or argument can exhaust stack or heap. */
final class Trees {
    /** Values in a tree, counted as often as they occur; a state dict has two per tensor. */
    static final int MAX_VALUES = 1 << 24;

    private static final int MAX_DEPTH = 200;

    private int values;
    private final Consumer<Tensor> tensors;

    private Trees(Consumer<Tensor> tensors) {
        this.tensors = tensors;
    }

    /**
     * Shows every tensor to {@code tensors}, in order and as often as it occurs.
     *
     * @throws IllegalArgumentException if the tree is too deep, too large or contains itself
     */
    static void visit(@Nullable Object tree, Consumer<Tensor> tensors) {
        new Trees(tensors).visit(tree, 0);
    }

    private void visit(@Nullable Object value, int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException(
                    "expected a tree of at most %d levels, got a deeper one or a cycle".formatted(MAX_DEPTH));
        }
        if (++values > MAX_VALUES) {
            throw new IllegalArgumentException("expected a tree of at most %d values, got more".formatted(MAX_VALUES));
        }
        if (value instanceof Tensor tensor) {
            tensors.accept(tensor);
        } else if (value instanceof Map<?, ?> map) {
            for (var entry : map.entrySet()) {
                visit(entry.getKey(), depth + 1);
                visit(entry.getValue(), depth + 1);
            }
        } else if (value instanceof Iterable<?> items) {
            for (var item : items) {
                visit(item, depth + 1);
            }
        } else if (value instanceof Tuple tuple) {
            visit(tuple.values(), depth + 1);
        }
    }
}
