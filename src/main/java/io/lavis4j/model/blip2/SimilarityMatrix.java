package io.lavis4j.model.blip2;

import static io.lavis4j.io.Arguments.require;
import static org.bytedeco.pytorch.global.torch.amax;
import static org.bytedeco.pytorch.global.torch.matmul;
import static org.bytedeco.pytorch.global.torch.stack;

import io.lavis4j.model.SimilarityRanker;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tokenize.BatchEncoding;
import io.lavis4j.tokenize.Padding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/**
 * Scores of images and texts for retrieval: cosines of all pairs, and for the nearest the matching score in addition.
 * Image tokens wait on the CPU until they are matched. Texts are cut and padded to 35 tokens, as in the reference.
 */
final class SimilarityMatrix implements SimilarityRanker.Comparison {

    private static final int TEXTS_PER_BATCH = 256;
    private static final int TEXT_LENGTH = 35;
    private static final float NOT_SCORED = -100;

    private final Blip2Qformer model;
    private final int kTest;
    private final List<Tensor> imageEmbeds = new ArrayList<>(); // (N, D) each, on the CPU
    private final List<Tensor> imageFeatures = new ArrayList<>(); // (Q, E) each
    private Tensor cosines = new Tensor(); // (I, T), on the CPU
    private BatchEncoding tokens = new BatchEncoding(new long[0][], new long[0][]);

    SimilarityMatrix(Blip2Qformer model, int kTest) {
        this.model = model;
        this.kTest = kTest;
    }

    @Override
    public void add(Tensor image) {
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            var embeds = model.encodeImage(image); // (B, N, D)
            var features = model.imageFeatures(model.bridge().query(embeds)); // (B, Q, E)
            var waiting = embeds.cpu();
            for (int i = 0; i < image.size(0); i++) {
                int b = i;
                imageEmbeds.add(Scopes.retained(() -> waiting.select(0, b))); // (N, D)
                imageFeatures.add(Scopes.retained(() -> features.select(0, b))); // (Q, E)
            }
        }
    }

    @Override
    public void compare(List<String> texts) {
        int I = imageEmbeds.size(), T = texts.size();
        require(I > 0 && T > 0 && kTest > 0, "expected images, texts and a kTest above 0, got %d, %d, %d", I, T, kTest);
        tokens = model.encode(texts, TEXT_LENGTH, new Padding.ToLength(TEXT_LENGTH));
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            var batches = new ArrayList<Tensor>();
            for (int start = 0; start < T; start += TEXTS_PER_BATCH) {
                int[] batch = IntStream.range(start, Math.min(T, start + TEXTS_PER_BATCH))
                        .toArray();
                batches.add(Scopes.keep(() -> model.textFeatures(texts(batch)))); // (n, E)
            }
            var features = Tensors.cat(0, batches.toArray(Tensor[]::new)); // (T, E)
            var rows = imageFeatures.stream()
                    .map(image -> Scopes.keep(() -> amax(matmul(image, features.t()), new long[] {0}, false)
                            .cpu())) // (T)
                    .toArray(Tensor[]::new);
            cosines = Scopes.retained(() -> stack(new TensorVector(rows))); // (I, T)
        }
    }

    @Override
    public float[] scores(int index, boolean ofImage) {
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            float[] near = Tensors.floats(cosines.select(ofImage ? 0 : 1, index));
            int[] nearest = Arrays.copyOf(Order.by(i -> -near[i], near.length), Math.min(kTest, near.length));
            int[] same = IntStream.generate(() -> index).limit(nearest.length).toArray();
            int[] images = ofImage ? same : nearest, texts = ofImage ? nearest : same;
            var embeds = Arrays.stream(images).mapToObj(imageEmbeds::get).toArray(Tensor[]::new);
            var stacked = stack(new TensorVector(embeds)); // (k, N, D)
            var pairs = model.itm(stacked.to(model.device(), Tensors.dtype(stacked)), texts(texts)); // (k, 2)
            float[] matched = Tensors.floats(pairs.select(1, Blip2Qformer.MATCH)), row = new float[near.length];
            Arrays.fill(row, NOT_SCORED);
            for (int i = 0; i < nearest.length; i++) {
                row[nearest[i]] = matched[i] + near[nearest[i]];
            }
            return row;
        }
    }

    private TextTokens texts(int... chosen) {
        var some = new BatchEncoding(rows(tokens.ids(), chosen), rows(tokens.attentionMask(), chosen));
        return TextTokens.of(some, model.device());
    }

    private static long[][] rows(long[][] all, int... chosen) {
        return Arrays.stream(chosen).mapToObj(row -> all[row]).toArray(long[][]::new);
    }

    @Override
    public void close() {
        imageEmbeds.forEach(Tensor::close);
        imageFeatures.forEach(Tensor::close);
        cosines.close();
    }
}
