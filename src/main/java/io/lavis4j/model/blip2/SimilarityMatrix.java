package io.lavis4j.model.blip2;

import static io.lavis4j.io.Arguments.require;
import static org.bytedeco.pytorch.global.torch.matmul;
import static org.bytedeco.pytorch.global.torch.stack;

import io.lavis4j.model.SimilarityRanker.SimMatrix;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tokenize.BatchEncoding;
import io.lavis4j.tokenize.Padding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/**
 * Scores of images and texts for retrieval: cosines of all pairs, and for the nearest the matching score in addition.
 * Image tokens wait on the CPU until they are matched.
 */
final class SimilarityMatrix {

    private static final int TEXTS_PER_BATCH = 256;
    private static final int TEXT_LENGTH = 35;
    private static final float NOT_SCORED = -100;

    private final Blip2Qformer model;
    private final int kTest;
    private final BatchEncoding tokens;
    private final List<Tensor> imageEmbeds = new ArrayList<>(); // (N, D) each, on the CPU
    private final List<float[]> cosines = new ArrayList<>(); // of an image with all texts

    SimilarityMatrix(Blip2Qformer model, List<String> texts, int kTest) {
        require(
                !texts.isEmpty() && kTest > 0,
                "expected at least one text and a kTest of at least 1, got %d texts and %d",
                texts.size(),
                kTest);
        this.model = model;
        this.kTest = kTest;
        tokens = model.encode(texts, TEXT_LENGTH, new Padding.ToLength(TEXT_LENGTH));
    }

    /** @param images batches (B, 3, S, S) */
    SimMatrix of(Iterable<Tensor> images) {
        int T = tokens.ids().length;
        var batches = new ArrayList<Tensor>();
        for (int start = 0; start < T; start += TEXTS_PER_BATCH) {
            int[] batch =
                    IntStream.range(start, Math.min(T, start + TEXTS_PER_BATCH)).toArray();
            batches.add(Scopes.keep(() -> model.textFeatures(texts(batch)))); // (n, E)
        }
        var texts = Tensors.cat(0, batches.toArray(Tensor[]::new)); // (T, E)
        images.forEach(image -> read(image, texts));
        int I = imageEmbeds.size();
        require(I > 0, "expected at least one image, got none");

        var toText = new float[I][T];
        var toImage = new float[T][I];
        for (int i = 0; i < I; i++) {
            rank(toText[i], cosines.get(i), i, true);
        }
        for (int t = 0; t < T; t++) {
            float[] ofText = new float[I];
            for (int i = 0; i < I; i++) {
                ofText[i] = cosines.get(i)[t];
            }
            rank(toImage[t], ofText, t, false);
        }
        return new SimMatrix(toText, toImage);
    }

    private TextTokens texts(int... chosen) {
        var some = new BatchEncoding(rows(tokens.ids(), chosen), rows(tokens.attentionMask(), chosen));
        return TextTokens.of(some, model.device());
    }

    private static long[][] rows(long[][] all, int... chosen) {
        return Arrays.stream(chosen).mapToObj(row -> all[row]).toArray(long[][]::new);
    }

    private void read(Tensor image, Tensor texts) {
        var embeds = Scopes.keep(() -> model.encodeImage(image)); // (B, N, D)
        try (var scope = new PointerScope()) {
            var features = model.imageFeatures(model.bridge().query(embeds)); // (B, Q, E)
            for (long b = 0; b < image.size(0); b++) {
                var pairs = matmul(features.select(0, b), texts.t()); // (Q, T)
                cosines.add(Tensors.floats(pairs.amax(new long[] {0}, false))); // (T)
            }
        }
        var waiting = Scopes.keep(() -> embeds.to(Devices.cpu(), Tensors.dtype(embeds)));
        for (long b = 0; b < image.size(0); b++) {
            imageEmbeds.add(waiting.select(0, b)); // (N, D)
        }
    }

    /**
     * Scores one image's texts, or one text's images.
     *
     * @param row receives cosines and matching scores of the nearest
     * @param near cosines of all
     * @param one index of the image or text
     */
    private void rank(float[] row, float[] near, int one, boolean ofImage) {
        int[] nearest = Arrays.copyOf(Order.by(i -> -near[i], near.length), Math.min(kTest, near.length));
        int[] same = new int[nearest.length];
        Arrays.fill(same, one);
        Arrays.fill(row, NOT_SCORED);
        float[] found = ofImage ? match(same, nearest) : match(nearest, same);
        for (int i = 0; i < nearest.length; i++) {
            row[nearest[i]] = found[i] + near[nearest[i]];
        }
    }

    /** Matching scores of pairs. */
    private float[] match(int[] images, int[] texts) {
        try (var scope = new PointerScope()) {
            var embeds = Arrays.stream(images).mapToObj(imageEmbeds::get).toArray(Tensor[]::new);
            var stacked = stack(new TensorVector(embeds)); // (k, N, D)
            return Tensors.floats(model.matchScores(stacked.to(model.device(), Tensors.dtype(stacked)), texts(texts)));
        }
    }
}
