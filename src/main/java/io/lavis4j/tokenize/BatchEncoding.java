package io.lavis4j.tokenize;

import java.util.Arrays;

/**
 * Encoded texts in the order they came; rows differ in length only without padding or where one exceeds its length.
 *
 * @param ids (B, T)
 * @param attentionMask (B, T), 1 for a token and 0 for padding
 */
@SuppressWarnings("ArrayRecordComponent") // handed to a tensor at once, never compared
public record BatchEncoding(long[][] ids, long[][] attentionMask) {

    /** Whether a row has padding. */
    public boolean padded() {
        return Arrays.stream(attentionMask).flatMapToLong(Arrays::stream).anyMatch(real -> real == 0);
    }
}
