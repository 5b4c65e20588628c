package io.lavis4j.model.blip2;

import static io.lavis4j.io.Arguments.require;
import static org.bytedeco.pytorch.global.torch.matmul;
import static org.bytedeco.pytorch.global.torch.stack;

import io.lavis4j.model.SimilarityRanker.SimMatrix;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tokenize.Padding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
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
    private final long[][] ids;
    private final long[][] mask;
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
        var tokens = model.encode(texts, TEXT_LENGTH, new Padding.ToLength(TEXT_LENGTH));
        ids = tokens.ids();
        mask = tokens.attentionMask();
    }

    /** @param images batches (B, 3, S, S) */
    SimMatrix of(Iterable<Tensor> images) {
        var texts = textFeatures(); // (T, E)
        for (var image : images) {
            read(image, texts);
        }
        int I = imageEmbeds.size(), T = ids.length;
        require(I > 0, "expected at least one image, got none");
        var toText = unscored(I, T);
        for (int i = 0; i < I; i++) {
            int image = i;
            int[] nearest = nearest(cosines.get(i));
            score(nearest, text -> image, text -> text, toText[i]);
        }
        var toImage = unscored(T, I);
        for (int t = 0; t < T; t++) {
            int text = t;
            float[] column = new float[I];
            for (int i = 0; i < I; i++) {
                column[i] = cosines.get(i)[t];
            }
            score(nearest(column), image -> image, image -> text, toImage[t]);
        }
        return new SimMatrix(toText, toImage);
    }

    private Tensor textFeatures() {
        var batches = new ArrayList<Tensor>();
        for (int start = 0; start < ids.length; start += TEXTS_PER_BATCH) {
            int from = start, to = Math.min(ids.length, start + TEXTS_PER_BATCH);
            batches.add(Scopes.keep(() -> model.textFeatures(model.readText(
                            tensor(Arrays.copyOfRange(ids, from, to)), tensor(Arrays.copyOfRange(mask, from, to)))
                    .select(1, 0)))); // (n, E)
        }
        return Tensors.cat(0, batches.toArray(Tensor[]::new)); // (T, E)
    }

    private Tensor tensor(long[][] rows) {
        return Tensors.of(rows, model.device());
    }

    private void read(Tensor image, Tensor texts) {
        var embeds = Scopes.keep(() -> model.encodeImage(image)); // (B, N, D)
        try (var scope = new PointerScope()) {
            var features = model.imageFeatures(model.bridge().query(embeds)); // (B, Q, E)
            for (long b = 0; b < image.size(0); b++) {
                long row = b;
                cosines.add(Tensors.floats(Scopes.keep(
                        () -> matmul(features.select(0, row), texts.t()).amax(new long[] {0}, false)))); // (T)
            }
        }
        var waiting = Scopes.keep(() -> embeds.to(Devices.cpu(), Tensors.dtype(embeds)));
        for (long b = 0; b < image.size(0); b++) {
            imageEmbeds.add(waiting.select(0, b)); // (N, D)
        }
    }

    private int[] nearest(float[] scores) {
        return Arrays.copyOf(Order.by(i -> -scores[i], scores.length), Math.min(kTest, scores.length));
    }

    /** Adds matching scores to the cosines of chosen pairs. */
    private void score(int[] chosen, IntUnaryOperator image, IntUnaryOperator text, float[] row) {
        try (var scope = new PointerScope()) {
            var embeds =
                    Arrays.stream(chosen).map(image).mapToObj(imageEmbeds::get).toArray(Tensor[]::new);
            long[][] pairIds =
                    Arrays.stream(chosen).map(text).mapToObj(t -> ids[t]).toArray(long[][]::new);
            long[][] pairMask =
                    Arrays.stream(chosen).map(text).mapToObj(t -> mask[t]).toArray(long[][]::new);
            var stacked = stack(new TensorVector(embeds)); // (k, N, D)
            float[] found = Tensors.floats(model.matchScores(
                    stacked.to(model.device(), Tensors.dtype(stacked)), tensor(pairIds), tensor(pairMask)));
            for (int i = 0; i < chosen.length; i++) {
                row[chosen[i]] = found[i] + cosines.get(image.applyAsInt(chosen[i]))[text.applyAsInt(chosen[i])];
            }
        }
    }

    private static float[][] unscored(int rows, int columns) {
        var scores = new float[rows][columns];
        for (float[] row : scores) {
            Arrays.fill(row, NOT_SCORED);
        }
        return scores;
    }
}
