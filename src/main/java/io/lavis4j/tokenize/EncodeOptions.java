package io.lavis4j.tokenize;

/**
 * The steps of encoding besides looking up tokens; a tokenizer keeps nothing of it between calls.
 *
 * @param addSpecialTokens whether a row gets what its model expects around the text: {@code </s>} before it for OPT,
 *     {@code [CLS]} and {@code [SEP]} around it for BERT, {@code </s>} after it for T5, the BOS token before it for
 *     LLaMA
 * @param padding the length of the rows
 * @param paddingSide of the padding
 * @param maxLength tokens that a row may have before padding, special ones included
 * @param truncationSide on which tokens of a text that is too long are dropped; special tokens around it stay
 */
public record EncodeOptions(
        boolean addSpecialTokens, Padding padding, Side paddingSide, int maxLength, Side truncationSide) {

    /** A {@code maxLength} that keeps every text whole. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    public EncodeOptions {
        if (maxLength < 1) {
            throw new IllegalArgumentException("expected a maximum length of at least 1 token, got " + maxLength);
        }
    }

    /** Special tokens added, neither padded nor truncated; both sides are the right one. */
    public static EncodeOptions plain() {
        return new EncodeOptions(true, new Padding.None(), Side.RIGHT, UNLIMITED, Side.RIGHT);
    }

    /** The same with the text alone, or with special tokens around it. */
    public EncodeOptions withSpecialTokens(boolean add) {
        return new EncodeOptions(add, padding, paddingSide, maxLength, truncationSide);
    }

    /** The same with other padding. */
    public EncodeOptions padded(Padding to, Side side) {
        return new EncodeOptions(addSpecialTokens, to, side, maxLength, truncationSide);
    }

    /** The same with at most {@code tokens} in a row. */
    public EncodeOptions truncated(int tokens, Side side) {
        return new EncodeOptions(addSpecialTokens, padding, paddingSide, tokens, side);
    }
}
