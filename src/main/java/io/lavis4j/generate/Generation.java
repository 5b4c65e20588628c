package io.lavis4j.generate;

import io.lavis4j.tensor.Libtorch;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tensor.Trace;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Writes text with a {@link Decoder}, one token at a time. */
public final class Generation {

    static {
        Libtorch.load();
    }

    private Generation() {}

    /**
     * Continues every sample by greedy search, sampling, beam search or beam sampling.
     *
     * <p>The initial ids count for every length and for the repetition penalty and start every result, but are never
     * fed: the decoder has its prefixes already. With BLIP-2 they are one start token per sample.
     *
     * <p>Sampling draws from the default generator of the device, so {@code torch.manual_seed} before the call makes it
     * repeatable. No gradient is recorded.
     *
     * @param decoder holds the B prefixes; not closed. Every call to it has a scope of its own, so what it keeps
     *     between calls must be kept from that scope
     * @param initialIds B rows of equal length, at least 1
     * @return B * numReturnSequences rows of equal length, those of one sample adjacent and the best first, each with
     *     its initial ids, its end token if it has one, and padding
     * @throws IllegalArgumentException if the initial ids are empty, ragged, leave no room below maxLength, or are not
     *     as many as the decoder's prefixes
     */
    public static long[][] generate(Decoder decoder, long[][] initialIds, GenerationConfig config, EndTokens end) {
        check(initialIds, config);
        Search search = config.numBeams() == 1
                ? new SingleBeamSearch(initialIds, config, end)
                : new BeamSearch(initialIds, config, end);
        try (var call = new PointerScope();
                var noGrad = new NoGradGuard()) {
            begin(decoder, search, initialIds.length);
            while (!search.finished()) {
                try (var span = Trace.span("token");
                        var token = new PointerScope()) {
                    search.choose(decoder.step(search.tokens()).to(ScalarType.Float));
                    if (!search.finished() && moved(search.origins())) {
                        decoder.reorder(search.origins());
                    }
                }
            }
        }
        return search.sequences();
    }

    /** Chooses the first token; nothing is reordered, for the rows of one sample have had the same past so far. */
    private static void begin(Decoder decoder, Search search, long B) {
        try (var span = Trace.span("prefix");
                var token = new PointerScope()) {
            var logits = decoder.prefill(); // (B, V)
            if (logits.size(0) != B) {
                throw new IllegalArgumentException(
                        "expected initial ids for each of the decoder's %d prefixes, got %d rows"
                                .formatted(logits.size(0), B));
            }
            var perRow = Tensors.repeatRows(logits.to(ScalarType.Float), search.rowsPerSample()); // (R, V)
            search.choose(perRow);
        }
    }

    private static boolean moved(long[] origins) {
        return LongStream.range(0, origins.length).anyMatch(row -> origins[(int) row] != row);
    }

    private static void check(long[][] initialIds, GenerationConfig config) {
        if (initialIds.length == 0 || initialIds[0].length == 0) {
            throw new IllegalArgumentException("expected at least one sample and one initial id, got none");
        }
        int length = initialIds[0].length;
        for (long[] row : initialIds) {
            if (row.length != length) {
                throw new IllegalArgumentException(
                        "expected initial ids of equal length, got rows of %d and %d".formatted(length, row.length));
            }
        }
        if (config.maxLength() <= length) {
            throw new IllegalArgumentException("expected maxLength above the %d initial ids, which it counts, got %d"
                    .formatted(length, config.maxLength()));
        }
    }
}
