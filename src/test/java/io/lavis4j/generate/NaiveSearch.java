package io.lavis4j.generate;

import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Greedy and beam search without cache, batch or tensors: one sample, one sequence and one scalar at a time.
 *
 * <p>Log-softmax and the choice of the largest are libtorch's, for their rounding and order decide between equal
 * scores.
 */
final class NaiveSearch {

    private record Beam(List<Long> ids, float sum) {}

    private record Hypothesis(List<Long> ids, double score) {}

    private final TableDecoder model;
    private final GenerationConfig config;
    private final EndTokens end;
    private final int initial;

    private NaiveSearch(TableDecoder model, GenerationConfig config, EndTokens end, int initial) {
        this.model = model;
        this.config = config;
        this.end = end;
        this.initial = initial;
    }

    /** What {@link Generation#generate} returns for the same arguments. */
    static long[][] search(TableDecoder model, long[][] initialIds, GenerationConfig config, EndTokens end) {
        var search = new NaiveSearch(model, config, end, initialIds[0].length);
        var results = new ArrayList<List<Long>>();
        for (int sample = 0; sample < initialIds.length; sample++) {
            var start = LongStream.of(initialIds[sample]).boxed().toList();
            if (config.numBeams() == 1) {
                results.add(search.greedy(sample, start));
            } else {
                results.addAll(search.beams(sample, start));
            }
        }
        int longest = results.stream().mapToInt(List::size).max().orElseThrow();
        return results.stream().map(ids -> padded(ids, longest, end.pad())).toArray(long[][]::new);
    }

    private List<Long> greedy(int sample, List<Long> start) {
        var ids = start;
        do {
            float[] scores = processed(logits(sample, ids), ids);
            int best = 0;
            for (int token = 1; token < scores.length; token++) {
                best = scores[token] > scores[best] ? token : best;
            }
            ids = append(ids, best);
        } while (ids.size() < config.maxLength() && ids.get(ids.size() - 1) != end.eos());
        return ids;
    }

    private List<List<Long>> beams(int sample, List<Long> start) {
        int K = config.numBeams(), V = model.vocabulary();
        var stored = new ArrayList<Hypothesis>();
        var beams = new ArrayList<Beam>();
        for (int k = 0; k < K; k++) {
            beams.add(new Beam(start, k == 0 ? 0f : -1e9f));
        }
        boolean done = false;
        while (!done && beams.get(0).ids().size() < config.maxLength()) {
            float[] scores = new float[K * V];
            for (int k = 0; k < K; k++) {
                var beam = beams.get(k);
                float[] logProbs = processed(logSoftmax(logits(sample, beam.ids())), beam.ids());
                for (int token = 0; token < V; token++) {
                    scores[k * V + token] = logProbs[token] + beam.sum();
                }
            }
            var next = new ArrayList<Beam>();
            long[] ranked = largest(scores, 2 * K);
            for (int rank = 0; rank < 2 * K && next.size() < K; rank++) {
                int index = (int) ranked[rank];
                var beam = beams.get(index / V);
                if (index % V != end.eos()) {
                    next.add(new Beam(append(beam.ids(), index % V), scores[index]));
                } else if (rank < K) {
                    store(stored, beam.ids(), scores[index]);
                }
            }
            beams = next;
            double attainable =
                    scores[(int) ranked[0]] / Math.pow(beams.get(0).ids().size(), config.lengthPenalty());
            done = stored.size() == K && stored.get(0).score() >= attainable;
        }
        if (!done) {
            beams.forEach(beam -> store(stored, beam.ids(), beam.sum()));
        }
        var best = new ArrayList<List<Long>>();
        for (int i = 1; i <= config.numReturnSequences(); i++) {
            var ids = stored.get(stored.size() - i).ids();
            best.add(ids.size() < config.maxLength() ? append(ids, end.eos()) : ids);
        }
        return best;
    }

    /** Keeps {@code stored} ascending and at most numBeams long. */
    private void store(List<Hypothesis> stored, List<Long> ids, float sum) {
        double score = sum / Math.pow(ids.size(), config.lengthPenalty());
        boolean full = stored.size() == config.numBeams();
        if (full && score <= stored.get(0).score()) {
            return;
        }
        stored.add(new Hypothesis(ids, score));
        stored.sort(Comparator.comparingDouble(Hypothesis::score));
        if (full) {
            stored.remove(0);
        }
    }

    private float[] logits(int sample, List<Long> ids) {
        return model.logits(
                sample, ids.stream().skip(initial).mapToLong(id -> id).toArray());
    }

    private float[] processed(float[] scores, List<Long> ids) {
        float[] processed = scores.clone();
        float penalty = (float) config.repetitionPenalty();
        for (long id : ids) {
            float score = scores[(int) id];
            processed[(int) id] = score < 0 ? score * penalty : score / penalty;
        }
        if (ids.size() < config.minLength()) {
            processed[(int) end.eos()] = Float.NEGATIVE_INFINITY;
        }
        return processed;
    }

    private static float[] logSoftmax(float[] logits) {
        try (var scope = new PointerScope()) {
            return Tensors.floats(torch.tensor(logits, new TensorOptions(ScalarType.Float))
                    .view(1, logits.length)
                    .log_softmax(1));
        }
    }

    private static long[] largest(float[] scores, int count) {
        try (var scope = new PointerScope()) {
            return Tensors.longs(torch.tensor(scores, new TensorOptions(ScalarType.Float))
                    .topk(count)
                    .get1());
        }
    }

    private static List<Long> append(List<Long> ids, long id) {
        var longer = new ArrayList<>(ids);
        longer.add(id);
        return longer;
    }

    private static long[] padded(List<Long> ids, int length, long pad) {
        long[] row = new long[length];
        Arrays.fill(row, pad);
        for (int i = 0; i < ids.size(); i++) {
            row[i] = ids.get(i);
        }
        return row;
    }
}
