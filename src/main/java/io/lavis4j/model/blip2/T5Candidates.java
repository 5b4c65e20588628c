package io.lavis4j.model.blip2;

import io.lavis4j.model.TextScorer;
import io.lavis4j.nn.Autocast;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tokenize.BatchEncoding;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Likelihoods of outputs of T5: image and prompt are read once for all of them.
 *
 * @param queries makes (1, Q, D) of an image
 * @param prompt one row
 * @param batches outputs in their order
 */
record T5Candidates(T5Text text, UnaryOperator<Tensor> queries, BatchEncoding prompt, List<CausalText.Labelled> batches)
        implements TextScorer.Candidates {

    @Override
    public float[] score(Tensor image) {
        if (image.dim() != 4 || image.size(0) != 1) {
            throw new IllegalArgumentException("expected one image (1, 3, S, S), got " + Tensors.shape(image));
        }
        float[] scores =
                new float[batches.stream().mapToInt(batch -> batch.ids().length).sum()];
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            var seen = queries.apply(image); // (1, Q, D)
            try (var amp = new Autocast(image.device(), ScalarType.BFloat16)) {
                var encoded = text.encode(seen, prompt);
                int first = 0;
                for (var batch : batches) {
                    score(encoded, batch, scores, first);
                    first += batch.ids().length;
                }
            }
        }
        return scores;
    }

    private void score(T5Text.Encoded encoded, CausalText.Labelled batch, float[] scores, int first) {
        double[] sums = text.sums(encoded, batch);
        int[] tokens = new int[sums.length];
        for (long position : batch.positions()) {
            tokens[(int) (position / batch.ids()[0].length)]++;
        }
        for (int row = 0; row < sums.length; row++) {
            scores[first + row] = (float) (-sums[row] / tokens[row]);
        }
    }

    /** Nothing is kept besides tokens. */
    @Override
    public void close() {}
}
