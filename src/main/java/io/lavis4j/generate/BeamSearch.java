package io.lavis4j.generate;

import static org.bytedeco.pytorch.global.torch.log_softmax;
import static org.bytedeco.pytorch.global.torch.multinomial;
import static org.bytedeco.pytorch.global.torch.softmax;
import static org.bytedeco.pytorch.global.torch.sort;
import static org.bytedeco.pytorch.global.torch.topk;

import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Beam search, and beam sampling, which draws a step's candidates where beam search takes the best.
 *
 * <p>Each of B samples has K running beams, B * K = R, and as many complete hypotheses, of which the best are returned.
 */
final class BeamSearch implements Search {

    /** Score of all beams but one at the start of beam search, when they are all the same hypothesis. */
    private static final float NEVER = -1e9f;

    private final GenerationConfig config;
    private final EndTokens end;
    private final int K;
    private final LogitsProcessors processors;
    private final Rows rows;
    private final List<BeamHypotheses> hypotheses; // B
    private final boolean[] done; // B
    private final long[] tokens; // R
    private final long[] origins; // R
    private final float[] sums; // R, log-probabilities of the running beams

    BeamSearch(long[][] initialIds, GenerationConfig config, EndTokens end) {
        this.config = config;
        this.end = end;
        K = config.numBeams();
        processors = new LogitsProcessors(config, end);
        rows = new Rows(initialIds, rowsPerSample());
        done = new boolean[rows.count() / K];
        hypotheses = IntStream.range(0, done.length)
                .mapToObj(sample -> new BeamHypotheses(K, config.lengthPenalty()))
                .toList();
        tokens = new long[rows.count()];
        origins = new long[rows.count()];
        sums = new float[rows.count()];
        for (int row = 0; row < sums.length; row++) {
            sums[row] = config.doSample() || row % K == 0 ? 0 : NEVER;
        }
    }

    @Override
    public int rowsPerSample() {
        return K;
    }

    @Override
    public void choose(Tensor logits) {
        var candidates = candidates(logits);
        for (int sample = 0; sample < done.length; sample++) {
            if (done[sample]) {
                pad(sample);
            } else {
                extend(sample, candidates);
            }
        }
        rows.append(origins, tokens);
    }

    private Candidates candidates(Tensor logits) {
        long B = done.length, V = logits.size(1);
        var logProbs = processors.process(log_softmax(logits, 1), rows.ids());
        var sum = logProbs.add(Tensors.of(sums, logits.device()).unsqueeze(1)); // (B * K, V)
        // Temperature, top-k and top-p see the sums, as in the reference; for temperature that makes a difference.
        var scores = (config.doSample() ? processors.warp(sum) : sum).view(B, K * V); // (B, K * V)
        if (!config.doSample()) {
            var best = topk(scores, 2L * K, 1, true, true);
            return new Candidates(best.get0(), best.get1(), V);
        }
        var drawn = multinomial(softmax(scores, 1), 2L * K); // (B, 2 * K), without replacement
        var ranked = sort(scores.gather(1, drawn), 1, true);
        return new Candidates(ranked.get0(), drawn.gather(1, ranked.get1()), V);
    }

    /** Walks down the candidates: those that end become hypotheses, the first K that do not become the beams. */
    private void extend(int sample, Candidates candidates) {
        int first = sample * K;
        var kept = hypotheses.get(sample);
        int beams = 0;
        for (int rank = 0; beams < K; rank++) {
            int origin = first + candidates.beam(sample, rank);
            float sum = candidates.sum(sample, rank);
            if (candidates.token(sample, rank) != end.eos()) {
                origins[first + beams] = origin;
                tokens[first + beams] = candidates.token(sample, rank);
                sums[first + beams] = sum;
                beams++;
            } else if (rank < K) {
                kept.add(rows.ids()[origin], sum);
            }
        }
        done[sample] = kept.beats(candidates.sum(sample, 0), rows.length() + 1);
    }

    private void pad(int sample) {
        for (int row = sample * K; row < (sample + 1) * K; row++) {
            origins[row] = row;
            tokens[row] = end.pad();
            sums[row] = 0;
        }
    }

    @Override
    public long[] tokens() {
        return tokens.clone();
    }

    @Override
    public long[] origins() {
        return origins.clone();
    }

    @Override
    public boolean finished() {
        return rows.length() >= config.maxLength()
                || IntStream.range(0, done.length).allMatch(sample -> done[sample]);
    }

    @Override
    public long[][] sequences() {
        var best = new ArrayList<long[]>();
        for (int sample = 0; sample < done.length; sample++) {
            var kept = hypotheses.get(sample);
            for (int row = sample * K; row < (sample + 1) * K && !done[sample]; row++) {
                kept.add(rows.ids()[row], sums[row]);
            }
            best.addAll(kept.best(config.numReturnSequences()));
        }
        int longest = best.stream().mapToInt(ids -> ids.length).max().orElseThrow();
        int length = Math.min(longest + 1, config.maxLength());
        return best.stream().map(ids -> close(ids, length)).toArray(long[][]::new);
    }

    /** Appends the end token if it fits, and padding. */
    private long[] close(long[] ids, int length) {
        long[] closed = Arrays.copyOf(ids, length);
        Arrays.fill(closed, ids.length, length, end.pad());
        if (ids.length < length) {
            closed[ids.length] = end.eos();
        }
        return closed;
    }
}
