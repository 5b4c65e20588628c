package io.lavis4j.model.blip2;

import org.bytedeco.pytorch.Tensor;

/** Tokenized texts whose likelihoods after query outputs can be asked for, any number of times. */
interface Likelihoods {

    /**
     * Scores every text.
     *
     * @param queries (1, Q, W)
     * @return sums of the log-likelihoods of the tokens that count
     */
    double[] sums(Tensor queries);

    /** How many tokens of each text count. */
    int[] counts();
}
