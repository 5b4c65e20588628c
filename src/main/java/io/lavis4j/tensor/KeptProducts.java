package io.lavis4j.tensor;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Products before an activation that a block's first run keeps, in their order, so that its second one has them without
 * computing them: an activation's gradient takes its input, which {@link UnreadProduct} alone would not give.
 */
final class KeptProducts implements AutoCloseable {

    private static final ThreadLocal<@Nullable KeptProducts> FIRST_RUN = new ThreadLocal<>();
    private static final ThreadLocal<@Nullable KeptProducts> SECOND_RUN = new ThreadLocal<>();

    private final Deque<Tensor> products = new ArrayDeque<>();

    /** Runs a block of this thread, without gradients, and keeps its products. */
    Tensor keep(Supplier<Tensor> block) {
        return ThreadState.with(FIRST_RUN, this, block);
    }

    /** Runs the block again, in this thread, with gradients. */
    Tensor use(Supplier<Tensor> block) {
        return ThreadState.with(SECOND_RUN, this, block);
    }

    /** Whether products of this thread are kept, and so are to be computed apart from their activation. */
    static boolean areKept() {
        return FIRST_RUN.get() != null;
    }

    /** A product before an activation was computed. */
    static void add(Tensor product) {
        var kept = FIRST_RUN.get();
        if (kept != null) {
            kept.products.add(product.retainReference());
        }
    }

    /** The next kept product, with the gradients of {@code x W^T + b}; {@code null} where it is to be computed. */
    static @Nullable Tensor next(Tensor x, Tensor weight, @Nullable Tensor bias) {
        var kept = SECOND_RUN.get();
        if (kept == null || kept.products.isEmpty()) {
            return null;
        }
        try (var values = kept.products.remove()) {
            var product = UnreadProduct.of(x, weight, bias);
            if (product != null) {
                try (var noGrad = new NoGradGuard()) {
                    product.set_data(values);
                }
            }
            return product;
        }
    }

    @Override
    public void close() {
        products.forEach(Tensor::close);
        products.clear();
    }
}
