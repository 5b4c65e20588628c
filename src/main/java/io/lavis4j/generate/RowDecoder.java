package io.lavis4j.generate;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/**
 * A decoder that keeps something of each row: there is a row for each sample until the first step brings more, which
 * continue their sample's.
 */
public abstract class RowDecoder implements Decoder {

    private int rows;

    /** Runs the prefixes, (B, V). */
    protected abstract Tensor start();

    /** Appends one token to every row, (R, V). */
    protected abstract Tensor next(long[] tokens);

    /** Makes row i what row {@code order[i]} has been; there may be more or fewer than before. */
    protected abstract void select(long[] order);

    @Override
    public final Tensor prefill() {
        var logits = start();
        rows = Math.toIntExact(logits.size(0));
        return logits;
    }

    /** @throws IllegalStateException before {@link #prefill} */
    @Override
    public final Tensor step(long[] tokens) {
        if (rows == 0) {
            throw new IllegalStateException("a step before prefill");
        }
        if (tokens.length != rows) {
            int perRow = tokens.length / rows;
            long[] owners = new long[tokens.length];
            Arrays.setAll(owners, r -> r / perRow);
            select(owners);
            rows = tokens.length;
        }
        return next(tokens);
    }

    @Override
    public final void reorder(long[] order) {
        select(order);
    }
}
