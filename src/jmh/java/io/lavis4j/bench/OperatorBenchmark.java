package io.lavis4j.bench;

import io.lavis4j.nn.Attention;
import io.lavis4j.tensor.Libtorch;
import io.lavis4j.tensor.Operator;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Single operators of a training step, float32 on the CPU, with the shapes of ViT-B at 224 px and batches of 4: 1028
 * rows of width 768, 12 heads. For libtorch against libtorch, {@code -Dlibtorch=FOLDER}.
 */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up method before any other
public class OperatorBenchmark {

    private static final long B = 4, N = 257, D = 768, H = 12, F = 4 * D, V = 50272;
    private static final double ROWS = B * N, TEXT = B * 32;

    /** Operators, by name; those with a backward pass include it. */
    enum Op {
        LINEAR(2 * ROWS * D * F, ROWS * D + D * F + ROWS * F),
        LINEAR_BACKWARD(LINEAR),
        GELU(0, 2 * ROWS * F),
        GELU_BACKWARD(GELU),
        LAYER_NORM(0, 2 * ROWS * D),
        LAYER_NORM_BACKWARD(LAYER_NORM),
        ATTENTION(4 * ROWS * N * D, 4 * ROWS * D),
        ATTENTION_BACKWARD(ATTENTION),
        ADD(0, 2 * ROWS * D),
        COPY_TRANSPOSED(0, 2 * ROWS * D),
        CROSS_ENTROPY_BACKWARD(0, 2 * TEXT * V),
        ADAMW(0, 2 * D * F); // one tensor stands for weights, gradients and moments

        /** Of matrix products. */
        final double flops;

        /** Read once and written once: what goes in, what comes out, and their gradients. */
        final double bytes;

        Op(double flops, double numbers) {
            this.flops = flops;
            bytes = Float.BYTES * numbers;
        }

        /** Forward, and backward to all that went in. */
        Op(Op forward) {
            flops = 3 * forward.flops;
            bytes = 2 * forward.bytes;
        }

        static Op of(String name) {
            return Arrays.stream(values())
                    .filter(op -> op.toString().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "unknown op \"%s\", expected one of %s".formatted(name, Arrays.toString(values()))));
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** An {@link Op} by name. */
    @Param({
        "linear",
        "linear_backward",
        "gelu",
        "gelu_backward",
        "layer_norm",
        "layer_norm_backward",
        "attention",
        "attention_backward",
        "add",
        "copy_transposed",
        "cross_entropy_backward",
        "adamw"
    })
    String op;

    /** Threads of libtorch. */
    @Param("2")
    int threads;

    private Operator fusedAdamW;
    private Tensor x, wide, weight, scale, logits, targets, heads, step;
    private Runnable work;

    /** Draws the inputs. */
    @Setup
    public void draw() {
        Libtorch.load();
        Libtorch.threads(threads);
        RandomState.seed(42);
        x = leaf(B, N, D);
        wide = leaf(B, N, F);
        weight = leaf(F, D);
        scale = leaf(D);
        heads = leaf(3, B, H, N, D / H);
        logits = leaf(B * 32, V);
        targets = Scopes.retained(() -> torch.randint(V, new long[] {B * 32}).to(torch.ScalarType.Long));
        step = Scopes.retained(() -> torch.ones(new long[0]));
        fusedAdamW = new Operator("aten::_fused_adamw_", "");
        work = work(Op.of(op));
    }

    private static Tensor leaf(long... shape) {
        return Scopes.retained(() -> torch.randn(shape).requires_grad_(true));
    }

    private Runnable work(Op chosen) {
        return switch (chosen) {
            case LINEAR -> forward(this::linear);
            case LINEAR_BACKWARD -> backward(this::linear);
            case GELU -> forward(() -> torch.gelu(wide));
            case GELU_BACKWARD -> backward(() -> torch.gelu(wide));
            case LAYER_NORM -> forward(this::layerNorm);
            case LAYER_NORM_BACKWARD -> backward(this::layerNorm);
            case ATTENTION -> forward(this::attention);
            case ATTENTION_BACKWARD -> backward(this::attention);
            case ADD -> forward(() -> x.add(x));
            case COPY_TRANSPOSED -> forward(() -> x.transpose(1, 2).contiguous());
            case CROSS_ENTROPY_BACKWARD -> backward(() -> torch.cross_entropy_loss(logits, targets));
            case ADAMW -> this::adamW;
        };
    }

    private Tensor linear() {
        return torch.linear(x, weight);
    }

    private Tensor layerNorm() {
        return torch.layer_norm(x, new long[] {D}, Tensors.optional(scale), Tensors.optional(scale), 1e-6, true);
    }

    private Tensor attention() {
        return Attention.attend(heads.select(0, 0), heads.select(0, 1), heads.select(0, 2), null, 0);
    }

    private void adamW() {
        var p = weight.detach();
        fusedAdamW.call(
                List.of(p),
                List.of(p),
                List.of(p),
                List.of(p),
                List.of(),
                List.of(step),
                1e-9,
                0.9,
                0.999,
                0.05,
                1e-8,
                false,
                false,
                null,
                null);
    }

    private static Runnable forward(Supplier<Tensor> operation) {
        return () -> {
            try (var noGrad = new NoGradGuard()) {
                Setting.await(operation.get());
            }
        };
    }

    private Runnable backward(Supplier<Tensor> operation) {
        return () -> {
            operation.get().sum().backward();
            for (var leaf : List.of(x, wide, weight, scale, heads, logits)) {
                leaf.mutable_grad().put(new Tensor());
            }
        };
    }

    /** One operator. */
    @Benchmark
    public void run() {
        try (var scope = new PointerScope()) {
            work.run();
        }
    }

    /** Frees the inputs. */
    @TearDown
    public void close() {
        List.of(x, wide, weight, scale, heads, logits, targets, step).forEach(Tensor::close);
    }
}
