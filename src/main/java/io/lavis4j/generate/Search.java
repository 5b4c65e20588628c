package io.lavis4j.generate;

import org.bytedeco.pytorch.Tensor;

/** The rows that are being written, and the rule that chooses their next tokens. */
sealed interface Search permits SingleBeamSearch, BeamSearch {

    /** Rows that continue one sample, R / B. */
    int rowsPerSample();

    /**
     * Appends a token to every row.
     *
     * @param logits (R, V), float32
     */
    void choose(Tensor logits);

    /** What was appended last, one id per row. */
    long[] tokens();

    /** The row that each row continued when its last token was appended. */
    long[] origins();

    /** Whether no further token is wanted. */
    boolean finished();

    /** The results, equally long, those of one sample adjacent; called once, when finished. */
    long[][] sequences();
}
