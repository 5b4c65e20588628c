package io.lavis4j.nn;

import static org.bytedeco.pytorch.global.torch.dot;
import static org.bytedeco.pytorch.global.torch.empty;

import io.lavis4j.tensor.Autocast;
import io.lavis4j.tensor.Libtorch;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * {@link CrossEntropy} of hidden states whose scores are never there all at once: forward scores {@link #ROWS} rows at
 * a time, and takes their gradient at once, so that of n rows it keeps a gradient (n, W) in place of several (n, V).
 */
public final class ChunkedCrossEntropy {

    static {
        Libtorch.load();
    }

    /** Rows that are scored at a time. */
    public static final long ROWS = 256;

    /** That plain cross-entropy has of scores, their logarithms and gradients, in float32. */
    private static final long COPIES = 4;

    /** Keeps gradients of scores in the range of fp16, whatever the gradient of the loss will be. */
    private static final double SCALE = 128;

    private ChunkedCrossEntropy() {}

    /**
     * The loss of each row.
     *
     * @param x (n, W)
     * @param head makes of rows (m, W) their logits (m, V), of each on its own
     * @param targets (n), int64, in [0, V) or {@link CrossEntropy#IGNORE_INDEX}
     * @return (n), float32, 0 for rows that do not count
     */
    public static Tensor perRow(Tensor x, UnaryOperator<Tensor> head, Tensor targets) {
        if (x.size(0) <= ROWS || isTrained(x, head)) {
            return CrossEntropy.perRow(head.apply(x), targets);
        }
        return Scopes.keep(() -> chunked(x, head, targets, 0));
    }

    /**
     * The mean over the rows that count.
     *
     * @param x (n, W)
     * @param head makes of rows (m, W) their logits (m, V), of each on its own
     * @param targets (n), int64, in [0, V) or {@link CrossEntropy#IGNORE_INDEX}
     * @return scalar, float32; NaN if no row counts
     */
    public static Tensor mean(Tensor x, UnaryOperator<Tensor> head, Tensor targets) {
        if (x.size(0) <= ROWS || isTrained(x, head)) {
            return CrossEntropy.mean(head.apply(x), targets);
        }
        return Scopes.keep(() -> chunked(x, head, targets, 0).sum().div(counted(targets)));
    }

    /**
     * The mean over the rows that count, of targets smoothed (arXiv:1512.00567, section 7), by a head that is trained:
     * its gradient (V, W) is there from forward on, so few rows are scored all at once.
     *
     * @param x (n, W)
     * @param head a dense layer, in float32
     * @param targets (n), int64, in [0, V) or {@link CrossEntropy#IGNORE_INDEX}
     * @param smoothing share of a target that is spread evenly over all words, 0 to 1
     * @return scalar, float32; NaN if no row counts
     */
    public static Tensor mean(Tensor x, Head head, Tensor targets, double smoothing) {
        boolean trained = GradMode.is_enabled() && head.isTrained();
        long n = x.size(0);
        if (n <= ROWS || (trained && rowsAtOnce(n, x.size(1)) == n)) {
            return CrossEntropy.mean(head.logits(x), targets, smoothing);
        }
        return Scopes.keep(() -> {
            var leaf = head.detached(trained);
            var sum = chunked(x, leaf::logits, targets, smoothing).sum();
            sum = withGradient(sum, head.weight(), leaf.weight());
            sum = withGradient(sum, head.bias(), leaf.bias());
            return sum.div(counted(targets));
        });
    }

    private static Tensor counted(Tensor targets) {
        return targets.ne(Tensors.scalar(CrossEntropy.IGNORE_INDEX)).sum();
    }

    /** The sum with the gradient of a parameter too, which its leaf has but for the scale; if it is trained. */
    private static Tensor withGradient(Tensor sum, Tensor parameter, Tensor leaf) {
        if (!leaf.requires_grad()) {
            return sum;
        }
        try (var plain = Autocast.ofRun(parameter.device(), Precision.FP32)) {
            var gradient = leaf.grad().div_(Tensors.scalar(SCALE));
            var zero = dot(parameter.flatten(), gradient.flatten());
            zero.detach().zero_(); // whatever the product is
            return sum.add(zero);
        }
    }

    /**
     * Rows whose scores are there at once, of a head that is trained.
     *
     * @param rows all of them, n
     * @param width of a hidden state, W
     */
    public static long rowsAtOnce(long rows, long width) {
        return rows <= ROWS + width / COPIES ? rows : ROWS;
    }

    /**
     * A dense layer that scores words.
     *
     * @param weight (V, W)
     * @param bias (V)
     */
    public record Head(Tensor weight, Tensor bias) {

        /** Scores of rows, (m, W), (m, V). */
        Tensor logits(Tensor x) {
            return Linear.apply(x, weight, bias);
        }

        boolean isTrained() {
            return weight.requires_grad() || bias.requires_grad();
        }

        Head detached(boolean trained) {
            return new Head(
                    weight.detach().requires_grad_(trained && weight.requires_grad()),
                    bias.detach().requires_grad_(trained && bias.requires_grad()));
        }
    }

    /** Whether scores of constant rows have a gradient; of no rows, so that nothing is computed. */
    private static boolean isTrained(Tensor x, UnaryOperator<Tensor> head) {
        try (var scope = new PointerScope()) {
            return GradMode.is_enabled()
                    && head.apply(x.detach().narrow(0, 0, 0)).requires_grad();
        }
    }

    private static Tensor chunked(Tensor x, UnaryOperator<Tensor> head, Tensor targets, double smoothing) {
        long n = x.size(0), W = x.size(1);
        boolean learns = GradMode.is_enabled() && x.requires_grad();
        var options = Tensors.options(x.device(), ScalarType.Float);
        var losses = empty(new long[] {n}, options, null);
        var gradients = empty(new long[] {learns ? n : 0, W}, options, null);
        for (long at = 0; at < n; at += ROWS) {
            try (var chunk = new PointerScope()) {
                long m = Math.min(ROWS, n - at);
                var rows = x.detach().narrow(0, at, m).detach().requires_grad_(learns); // (m, W)
                var own = targets.narrow(0, at, m);
                var loss = Scopes.keep(() -> CrossEntropy.perRow(head.apply(rows), own, smoothing)); // (m)
                losses.narrow(0, at, m).copy_(loss.detach());
                if (loss.requires_grad()) {
                    backward(loss);
                }
                if (learns) {
                    gradients.narrow(0, at, m).copy_(rows.grad());
                }
            }
        }
        if (!learns) {
            return losses;
        }
        var product = Tensors.sum(x.to(ScalarType.Float).mul(gradients.div_(Tensors.scalar(SCALE))), 1, false); // (n)
        product.detach().copy_(losses); // which has now the gradient that is known, whatever the product was
        return product;
    }

    /** As backward is outside of autocast, which would convert once more. */
    private static void backward(Tensor loss) {
        try (var plain = Autocast.ofRun(loss.device(), Precision.FP32)) {
            loss.sum().mul(Tensors.scalar(SCALE)).backward();
        }
    }
}
