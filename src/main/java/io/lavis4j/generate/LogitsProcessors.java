package io.lavis4j.generate;

import static java.lang.Double.NEGATIVE_INFINITY;
import static org.bytedeco.pytorch.global.torch.softmax;
import static org.bytedeco.pytorch.global.torch.sort;
import static org.bytedeco.pytorch.global.torch.topk;
import static org.bytedeco.pytorch.global.torch.where;

import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Changes of the scores before a token is chosen, in Hugging Face's order: {@link #process} in every mode, then
 * {@link #warp} in sampling.
 *
 * @param end whose eos waits for minLength
 */
record LogitsProcessors(GenerationConfig config, EndTokens end) {

    /**
     * Penalises repetition, then forbids suppressed tokens and an early end.
     *
     * @param scores (R, V)
     * @param ids what the R rows hold so far, of equal length
     * @return (R, V)
     */
    Tensor process(Tensor scores, long[][] ids) {
        var penalised = config.repetitionPenalty() == 1 ? scores : penaliseRepetition(scores, ids);
        var forbidden = new ArrayList<>(config.suppressTokens());
        if (ids[0].length < config.minLength()) {
            forbidden.add(end.eos());
        }
        return forbidden.isEmpty() ? penalised : forbid(penalised, forbidden);
    }

    /**
     * Applies temperature, top-k and top-p.
     *
     * @param scores (R, V)
     * @return (R, V), -infinity where a token may not be drawn
     */
    Tensor warp(Tensor scores) {
        var tempered = config.temperature() == 1 ? scores : scores.div(Tensors.scalar(config.temperature()));
        var best = config.topK() == 0 ? tempered : keepTopK(tempered);
        return config.topP() == 1 ? best : keepNucleus(best);
    }

    private Tensor penaliseRepetition(Tensor scores, long[][] ids) {
        var penalty = Tensors.scalar(config.repetitionPenalty());
        var seen = Tensors.of(ids, scores.device()); // (R, T)
        var past = scores.gather(1, seen); // (R, T)
        var penalised = where(past.lt(Tensors.scalar(0)), past.mul(penalty), past.div(penalty));
        return scores.scatter(1, seen, penalised); // (R, V)
    }

    private static Tensor forbid(Tensor scores, List<Long> tokens) {
        var columns = Tensors.of(tokens.stream().mapToLong(Long::longValue).toArray(), scores.device());
        return scores.index_fill(1, columns, Tensors.scalar(NEGATIVE_INFINITY));
    }

    private Tensor keepTopK(Tensor scores) {
        long k = Math.min(Math.max(config.topK(), minTokensToKeep()), scores.size(1));
        var kth = topk(scores, k, 1, true, true).get0().narrow(1, k - 1, 1); // (R, 1)
        return scores.masked_fill(scores.lt(kth), Tensors.scalar(NEGATIVE_INFINITY));
    }

    private Tensor keepNucleus(Tensor scores) {
        long V = scores.size(1), keep = Math.min(minTokensToKeep(), V);
        var ascending = sort(scores, 1, false);
        var cumulative = softmax(ascending.get0(), 1).cumsum(1); // (R, V), ends with 1
        var dropped = cumulative.le(Tensors.scalar(1 - config.topP()));
        dropped.narrow(1, V - keep, keep).fill_(Tensors.scalar(0));
        return scores.masked_fill(dropped.scatter(1, ascending.get1(), dropped), Tensors.scalar(NEGATIVE_INFINITY));
    }

    /** With beams one token besides eos must stay, or a beam could not go on. */
    private int minTokensToKeep() {
        return config.numBeams() > 1 ? 2 : 1;
    }
}
