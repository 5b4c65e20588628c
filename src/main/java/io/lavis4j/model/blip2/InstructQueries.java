package io.lavis4j.model.blip2;

import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.model.qformer.QFormerConfig;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tokenize.BatchEncoding;
import io.lavis4j.tokenize.EncodeOptions;
import io.lavis4j.tokenize.Padding;
import io.lavis4j.tokenize.Side;
import io.lavis4j.tokenize.Tokenizer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Queries that read an instruction and an image (InstructBLIP, arXiv:2305.06500, section 2.3), or several frames: each
 * frame is read on its own with the same instruction, and the query outputs of all frames stand one after the other.
 *
 * <p>Difference from LAVIS: frames are (B, F, 3, S, S), where LAVIS has (B, 3, F, S, S).
 *
 * <p>Dimensions: F frames, Q queries of a frame, D width of the Q-Former.
 */
final class InstructQueries implements AutoCloseable {

    private final Blip2Bridge bridge;
    private final @Nullable Tokenizer tokenizer;
    private final int maxTxtLen;

    /**
     * Queries of a bridge whose Q-Former has {@link #parts}.
     *
     * @param tokenizer of the Q-Former, checked by {@link #requireTokenizer} and closed with this; {@code null} where
     *     it reads images alone
     */
    InstructQueries(Blip2Bridge bridge, @Nullable Tokenizer tokenizer, int maxTxtLen) {
        this.bridge = bridge;
        this.tokenizer = tokenizer;
        this.maxTxtLen = maxTxtLen;
    }

    /** What a Q-Former must have to read instructions, or images alone. */
    static QFormer.Parts parts(boolean qformerTextInput) {
        return qformerTextInput ? QFormer.Parts.QUERIES_AND_TEXT : QFormer.Parts.QUERIES;
    }

    /** The Q-Former's tokenizer in a folder; {@code null} where it reads images alone. */
    static @Nullable Tokenizer tokenizer(@Nullable Path folder) {
        return folder == null ? null : Tokenizer.qformer(folder);
    }

    /** Refuses instructions that are longer than the Q-Former's positions. */
    static void requireFit(Blip2Config config, boolean qformerTextInput) {
        int most = config.qformer().maxPositions();
        if (qformerTextInput && config.maxTxtLen() > most) {
            throw new IllegalArgumentException("max_txt_len is %d; expected at most %d, the positions of the Q-Former"
                    .formatted(config.maxTxtLen(), most));
        }
    }

    /** Refuses a tokenizer that is not the Q-Former's, or is not there if and only if it is needed. */
    static void requireTokenizer(QFormerConfig config, boolean qformerTextInput, @Nullable Tokenizer tokenizer) {
        if (qformerTextInput != (tokenizer != null)) {
            throw new IllegalArgumentException("expected a tokenizer of the Q-Former %s, got %s"
                    .formatted(
                            qformerTextInput ? "as it reads instructions" : "only if it reads instructions",
                            tokenizer == null ? "none" : "one"));
        }
        if (tokenizer != null && tokenizer.vocabSize() > config.vocabSize()) {
            throw new IllegalArgumentException(
                    "the Q-Former's tokenizer has %d tokens, its word table %d; expected the tokenizer of bert-base-uncased"
                            .formatted(tokenizer.vocabSize(), config.vocabSize()));
        }
    }

    /**
     * Instructions as the Q-Former reads them: cut at {@code maxTxtLen} tokens, of which the last stay, and padded on
     * the right; {@code null} where it reads images alone.
     */
    @Nullable
    BatchEncoding instructions(List<String> texts) {
        return tokenizer == null
                ? null
                : tokenizer.encode(
                        texts,
                        EncodeOptions.plain()
                                .truncated(maxTxtLen, Side.LEFT)
                                .padded(new Padding.Longest(), Side.RIGHT));
    }

    /**
     * The queries after they have read the images and the instructions.
     *
     * @param image (B, 3, S, S) or (B, F, 3, S, S), float32
     * @param instructions B rows of {@link #instructions}
     * @return (B, Q, D) or (B, F Q, D)
     */
    Tensor forward(Tensor image, @Nullable BatchEncoding instructions) {
        if (image.dim() != 5) {
            return read(image, instructions, 1);
        }
        if (image.size(2) != 3 || image.size(1) < 1) {
            throw new IllegalArgumentException("expected frames (B, F, 3, S, S), got " + Tensors.shape(image));
        }
        int B = (int) image.size(0), F = (int) image.size(1);
        var outputs = read(image.flatten(0, 1), instructions, F); // (B F, Q, D)
        return outputs.reshape(B, F * outputs.size(1), outputs.size(2)); // (B, F Q, D)
    }

    /** One row of {@code instructions} for every F images. */
    private Tensor read(Tensor images, @Nullable BatchEncoding instructions, int F) {
        var embeds = bridge.encodeImage(images); // (B F, N, D)
        return instructions == null
                ? bridge.query(embeds)
                : bridge.query(
                        embeds,
                        Tensors.of(repeated(instructions.ids(), F), images.device()),
                        Tensors.of(repeated(instructions.attentionMask(), F), images.device())); // (B F, Q, D)
    }

    private static long[][] repeated(long[][] rows, int F) {
        return Arrays.stream(rows)
                .flatMap(row -> Collections.nCopies(F, row).stream())
                .toArray(long[][]::new);
    }

    @Override
    public void close() {
        if (tokenizer != null) {
            tokenizer.close();
        }
    }
}
