package io.lavis4j.quickstart;

/**
 * Where training stood.
 *
 * @param step optimizer steps since the start
 * @param loss mean cross-entropy of a word, in nats
 */
public record LossPoint(long step, double loss) {}
