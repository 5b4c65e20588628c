package io.lavis4j.task;

/** The ways to an answer, LAVIS's {@code inference_method}; the names in lower case are the values. */
public enum InferenceMethod {
    /** The likeliest of a sample's candidates. */
    RANK,
    /** Written freely. */
    GENERATE
}
