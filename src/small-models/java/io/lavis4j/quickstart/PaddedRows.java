package io.lavis4j.quickstart;

import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Rows of tokens, padded on the right.
 *
 * @param ids (B, T), int64
 * @param mask (B, T), int64, 1 for tokens
 */
record PaddedRows(Tensor ids, Tensor mask) {

    static PaddedRows of(List<long[]> rows, long pad) {
        int T = rows.stream().mapToInt(row -> row.length).max().orElseThrow();
        long[][] ids = new long[rows.size()][];
        long[][] mask = new long[rows.size()][T];
        for (int b = 0; b < ids.length; b++) {
            int length = rows.get(b).length;
            ids[b] = Arrays.copyOf(rows.get(b), T);
            Arrays.fill(ids[b], length, T, pad);
            Arrays.fill(mask[b], 0, length, 1);
        }
        return new PaddedRows(Tensors.of(ids, Devices.cpu()), Tensors.of(mask, Devices.cpu()));
    }
}
