package io.lavis4j.generate;

/**
 * The two ids that end a sequence.
 *
 * @param eos ends it: {@code </s>}, or a newline in BLIP-2 with OPT
 * @param pad fills the shorter rows of a result after their end
 */
public record EndTokens(long eos, long pad) {

    public EndTokens {
        if (eos < 0 || pad < 0) {
            throw new IllegalArgumentException(
                    "expected ids of the vocabulary, got eos %d, pad %d".formatted(eos, pad));
        }
    }
}
