package io.lavis4j.dataset;

/** The treatment of a record or image that cannot be used. */
public enum OnBroken {
    /** An error names it: right for evaluation, where every sample counts. */
    FAIL,
    /** It is left out, counted and named in the log: right for training. */
    SKIP
}
