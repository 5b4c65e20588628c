package io.lavis4j.nn;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;

import io.lavis4j.tensor.Libtorch;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Negative log-likelihood of targets under softmax(logits), computed in float32. */
public final class CrossEntropy {

    static {
        Libtorch.load();
    }

    /** A row with this target does not count. */
    public static final long IGNORE_INDEX = -100;

    private static final long NO_REDUCTION = 0;
    private static final long MEAN = 1;

    private CrossEntropy() {}

    /**
     * The mean over the rows that count.
     *
     * @param logits (n, V)
     * @param targets (n), int64, in [0, V) or {@link #IGNORE_INDEX}
     * @return scalar, float32; NaN if no row counts
     */
    public static Tensor mean(Tensor logits, Tensor targets) {
        return reduced(logits, targets, MEAN, 0);
    }

    /**
     * The mean over the rows that count, of targets smoothed (arXiv:1512.00567, section 7).
     *
     * @param logits (n, V)
     * @param targets (n), int64, in [0, V) or {@link #IGNORE_INDEX}
     * @param smoothing share of a target that is spread evenly over all words, 0 to 1
     * @return scalar, float32; NaN if no row counts
     */
    public static Tensor mean(Tensor logits, Tensor targets, double smoothing) {
        return reduced(logits, targets, MEAN, smoothing);
    }

    /**
     * The loss of each row.
     *
     * @param logits (n, V)
     * @param targets (n), int64, in [0, V) or {@link #IGNORE_INDEX}
     * @return (n), float32, 0 for rows that do not count
     */
    public static Tensor perRow(Tensor logits, Tensor targets) {
        return perRow(logits, targets, 0);
    }

    /** The same of targets smoothed. */
    static Tensor perRow(Tensor logits, Tensor targets, double smoothing) {
        return reduced(logits, targets, NO_REDUCTION, smoothing);
    }

    private static Tensor reduced(Tensor logits, Tensor targets, long reduction, double smoothing) {
        return cross_entropy_loss(
                logits.to(ScalarType.Float), targets, Tensors.optional(null), reduction, IGNORE_INDEX, smoothing);
    }
}
