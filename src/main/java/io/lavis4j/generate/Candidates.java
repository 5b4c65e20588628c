package io.lavis4j.generate;

import io.lavis4j.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The continuations that one step offers each of B samples: 2 K, the best first; at least K of them do not end. */
public final class Candidates {

    private final int K;
    private final long V;
    private final double[] sumsThenIndices; // (B, 2, 2 * K)

    /**
     * Brings both to the host at once.
     *
     * @param sums (B, 2 * K), float32, log-probabilities, descending
     * @param indices (B, 2 * K), beam * V + token
     */
    Candidates(Tensor sums, Tensor indices, long V) {
        K = Math.toIntExact(sums.size(1) / 2);
        this.V = V;
        var both = Tensors.cat(1, sums.to(ScalarType.Double), indices.to(ScalarType.Double)); // (B, 4 * K)
        sumsThenIndices = Tensors.doubles(both);
    }

    float sum(int sample, int rank) {
        return (float) sumsThenIndices[sample * 4 * K + rank];
    }

    int beam(int sample, int rank) {
        return (int) (index(sample, rank) / V);
    }

    long token(int sample, int rank) {
        return index(sample, rank) % V;
    }

    private long index(int sample, int rank) {
        return (long) sumsThenIndices[(sample * 4 + 2) * K + rank];
    }
}
