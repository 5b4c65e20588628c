package io.lavis4j.model;

/**
 * A model that learns to write {@code text_output} after {@code text_input}; others learn {@code text_input} itself.
 */
public interface AnswerLearner extends TrainableModel {}
