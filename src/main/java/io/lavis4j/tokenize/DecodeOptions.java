package io.lavis4j.tokenize;

/**
 * The parts that decoding leaves out.
 *
 * @param skipSpecialTokens whether tokens with a role are dropped
 * @param cleanUpSpaces whether spaces before punctuation and English contractions are removed: " ." becomes "."
 */
public record DecodeOptions(boolean skipSpecialTokens, boolean cleanUpSpaces) {}
