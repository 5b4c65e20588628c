package io.lavis4j.tokenize;

/**
 * One encoded text.
 *
 * @param ids (T)
 * @param attentionMask (T), 1 for a token and 0 for padding
 */
@SuppressWarnings("ArrayRecordComponent") // handed to a tensor at once, never compared
public record Encoding(long[] ids, long[] attentionMask) {}
