package io.lavis4j.model.blip2;

import io.lavis4j.model.TextScorer;
import io.lavis4j.nn.Autocast;
import io.lavis4j.tensor.Tensors;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Texts after query outputs, each scored by the mean log-likelihood of its tokens. */
final class CausalCandidates implements TextScorer.Candidates {

    private final CausalRows rows;
    private final UnaryOperator<Tensor> queries;
    private final long[][] ids;
    private final int first;

    /**
     * Tokenised texts, put into batches.
     *
     * @param queries from an image (1, 3, S, S) to query outputs (1, Q, W)
     * @param ids tokens of each text
     * @param first index of the first token that counts, at least 1; every text has it
     */
    CausalCandidates(CausalText text, UnaryOperator<Tensor> queries, long[][] ids, int first, int textsPerBatch) {
        rows = new CausalRows(text, ids, first, textsPerBatch);
        this.queries = queries;
        this.ids = ids;
        this.first = first;
    }

    @Override
    public float[] score(Tensor image) {
        if (image.dim() != 4 || image.size(0) != 1) {
            throw new IllegalArgumentException("expected one image (1, 3, S, S), got " + Tensors.shape(image));
        }
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard();
                var amp = new Autocast(image.device(), ScalarType.Half)) {
            double[] sums = rows.sums(queries.apply(image));
            float[] scores = new float[ids.length];
            for (int i = 0; i < scores.length; i++) {
                scores[i] = (float) (sums[i] / (ids[i].length - first));
            }
            return scores;
        }
    }

    @Override
    public void close() {
        // only numbers are kept
    }
}
