package io.lavis4j.runner;

import io.lavis4j.model.Losses;
import io.lavis4j.model.Texts;
import io.lavis4j.model.TrainableModel;
import io.lavis4j.model.VisionEncoder;
import io.lavis4j.nn.Linear;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Two layers that learn of an image (B, 3, 1, 1) the numbers 0 to n - 1, its tokens, as well as one number can; the
 * text of a sample is n, its weight that of its tokens. The text {@code sqrt} is one token and a loss whose gradient is
 * not finite, {@code infinite} one and an infinite loss whose gradient is finite.
 */
final class CountingModel extends Module implements TrainableModel {

    static final String SQRT = "sqrt";
    static final String INFINITE = "infinite";

    private final Linear first = child("first", new Linear(3, 4, true));
    private final Linear second = child("second", new Linear(4, 1, true));
    private final boolean inParts;

    CountingModel() {
        this(false);
    }

    /** @param inParts whether the loss is {@code loss_a} and {@code loss_b} */
    CountingModel(boolean inParts) {
        this.inParts = inParts;
        RandomState.seed(3);
        first.initialize();
        second.initialize();
    }

    private static int tokens(String text) {
        return text.equals(SQRT) || text.equals(INFINITE) ? 1 : Integer.parseInt(text);
    }

    @Override
    public Prepared prepare(Texts texts) {
        float[] weights = weights(texts);
        double weight = 0;
        for (float own : weights) {
            weight += own;
        }
        double all = weight;
        return image -> {
            var loss = Scopes.keep(() -> loss(image, texts, weights));
            if (!inParts) {
                return new Losses(loss, Map.of(), weights.length, all);
            }
            var parts = new LinkedHashMap<String, Tensor>();
            parts.put("loss_a", loss);
            parts.put("loss_b", loss.log());
            return new Losses(loss.add(loss.log()), parts, weights.length, 0);
        };
    }

    /** Of all tokens. */
    private static float[] weights(Texts texts) {
        double[] given = texts.weights();
        double[] all = IntStream.range(0, texts.input().size())
                .boxed()
                .flatMapToDouble(b -> DoubleStream.generate(() -> given.length == 0 ? 1 : given[b])
                        .limit(tokens(texts.input().get(b))))
                .toArray();
        float[] weights = new float[all.length];
        for (int i = 0; i < all.length; i++) {
            weights[i] = (float) all[i];
        }
        return weights;
    }

    private Tensor loss(Tensor image, Texts texts, float[] weights) {
        long[] rows = LongStream.range(0, texts.input().size())
                .flatMap(b ->
                        LongStream.generate(() -> b).limit(tokens(texts.input().get((int) b))))
                .toArray();
        long[] targets = texts.input().stream()
                .flatMapToLong(text -> LongStream.range(0, tokens(text)))
                .toArray();
        var guesses = second.forward(first.forward(image.flatten(1, 3))).select(1, 0); // (B)
        var loss = guesses.to(ScalarType.Float)
                .index_select(0, Tensors.of(rows, Devices.cpu()))
                .sub(Tensors.of(targets, Devices.cpu()))
                .square()
                .mul(Tensors.of(weights, Devices.cpu()));
        loss = loss.sum().div(Tensors.of(weights, Devices.cpu()).sum());
        if (texts.input().contains(INFINITE)) {
            return loss.add(Tensors.scalar(Double.POSITIVE_INFINITY));
        }
        return texts.input().contains(SQRT)
                ? loss.add(first.weight().sum().mul(Tensors.scalar(0)).sqrt())
                : loss;
    }

    @Override
    public void backward(Tensor loss) {
        loss.backward();
    }

    @Override
    public Precision precision() {
        return Precision.FP16;
    }

    @Override
    public VisionEncoder visualEncoder() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Module module() {
        return this;
    }

    @Override
    public void initializeUnset() {}
}
