package io.lavis4j.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** A language model of the last two tokens and the sample, which checks how it is called. */
final class TableDecoder implements Decoder {

    /** The logits of the token after {@code beforeLast} and {@code last}, which are V where there is none. */
    interface Logit {
        float of(int sample, int beforeLast, int last, int token);
    }

    private final Logit logit;
    private final int samples;
    private final int V;
    private final List<Long> handles = new ArrayList<>();
    private long[][] past = {};
    private int prefills;

    TableDecoder(int samples, int V, Logit logit) {
        this.samples = samples;
        this.V = V;
        this.logit = logit;
    }

    /** Normally distributed logits, times {@code scale}, rounded to multiples of {@code unit} unless that is 0. */
    static TableDecoder random(Random random, int samples, int V, double scale, double unit) {
        int states = V + 1;
        float[] table = new float[samples * states * states * V];
        for (int i = 0; i < table.length; i++) {
            double x = scale * random.nextGaussian();
            table[i] = (float) (unit == 0 ? x : unit * Math.rint(x / unit));
        }
        return new TableDecoder(
                samples, V, (sample, a, b, token) -> table[((sample * states + a) * states + b) * V + token]);
    }

    /** The same with {@code bonus} added to the logits of one token. */
    TableDecoder favouring(int favoured, float bonus) {
        return new TableDecoder(
                samples, V, (sample, a, b, token) -> logit.of(sample, a, b, token) + (token == favoured ? bonus : 0));
    }

    int vocabulary() {
        return V;
    }

    int prefills() {
        return prefills;
    }

    /** Handles of native objects at the start of every step. */
    List<Long> handles() {
        return handles;
    }

    /** The logits after some tokens: what {@link #step} computes, for a naive search. */
    float[] logits(int sample, long[] tokens) {
        int T = tokens.length;
        int beforeLast = T > 1 ? (int) tokens[T - 2] : V;
        int last = T > 0 ? (int) tokens[T - 1] : V;
        float[] logits = new float[V];
        for (int token = 0; token < V; token++) {
            logits[token] = logit.of(sample, beforeLast, last, token);
        }
        return logits;
    }

    @Override
    public Tensor prefill() {
        prefills++;
        return rows(new long[samples][0]);
    }

    @Override
    public Tensor step(long[] tokens) {
        handles.add(Pointer.totalCount());
        if (past.length == 0) {
            past = new long[tokens.length][0];
        }
        if (tokens.length != past.length) {
            throw new AssertionError("the number of rows went from %d to %d".formatted(past.length, tokens.length));
        }
        for (int row = 0; row < tokens.length; row++) {
            past[row] = LongStream.concat(Arrays.stream(past[row]), LongStream.of(tokens[row]))
                    .toArray();
        }
        return rows(past);
    }

    @Override
    public void reorder(long[] rows) {
        long[][] moved = new long[rows.length][];
        for (int row = 0; row < rows.length; row++) {
            int from = Math.toIntExact(rows[row]);
            if (sample(from, rows.length) != sample(row, rows.length)) {
                throw new AssertionError("row %d was to continue row %d of another sample".formatted(row, from));
            }
            moved[row] = past[from];
        }
        past = moved;
    }

    @Override
    public void close() {}

    private int sample(int row, int rows) {
        return row / (rows / samples);
    }

    private Tensor rows(long[][] tokens) {
        float[] flat = new float[tokens.length * V];
        for (int row = 0; row < tokens.length; row++) {
            System.arraycopy(logits(sample(row, tokens.length), tokens[row]), 0, flat, row * V, V);
        }
        return torch.tensor(flat, new TensorOptions(ScalarType.Float)).view(tokens.length, V);
    }
}
