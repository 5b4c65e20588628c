package io.lavis4j.model.t5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.bytedeco.pytorch.global.torch.ones;
import static org.bytedeco.pytorch.global.torch.randn;

import io.lavis4j.golden.Golden;
import io.lavis4j.model.t5.T5Config.DenseActFn;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class T5Test {

    private static final int V = 20;
    private static final int D = 16;
    private static final int P = 5;
    private static final double ATOL = 1e-4;

    private final PointerScope scope = new PointerScope();

    @BeforeEach
    void seed() {
        RandomState.seed(5);
    }

    @AfterEach
    void close() {
        scope.close();
    }

    /**
     * The head width times the heads is not the width, the decoder has one block more, distances exceed the buckets.
     */
    private static T5Config config(boolean tied) {
        return new T5Config(V, D, 6, 24, 2, 3, 4, 8, 6, 0.1, 1e-6, DenseActFn.GELU, tied, 0, 1, 0);
    }

    /** Weights are large enough for every token to matter. */
    private static T5 model(boolean tied) {
        var model = new T5(config(tied));
        for (var parameter : model.namedParameters().values()) {
            parameter.set_data(randn(parameter.shape()).mul(Tensors.scalar(0.3)));
        }
        model.freeze();
        return model;
    }

    private static Tensor ids(long[]... rows) {
        return Tensors.of(rows, Devices.cpu());
    }

    private static Tensor padded() {
        return ids(new long[] {0, 0, 1, 1, 1}, new long[] {1, 1, 1, 1, 0});
    }

    private static Tensor all(long rows, long tokens) {
        return ones(rows, tokens).to(ScalarType.Long);
    }

    private static void assertClose(String what, Tensor actual, Tensor expected) {
        Golden.assertClose(what, actual, expected, ATOL, 0);
    }

    @Test
    void cachedStepsOfReorderedRowsEqualAPassOverWholeRows() {
        var model = model(false);
        var embeds = randn(2, P, D);
        var encoded = model.encode(embeds, padded());
        var random = new Random(3);
        long[][] orders = {{0, 1, 2, 3, 4, 5}, {1, 1, 0, 5, 3, 3}, {2, 0, 0, 4, 4, 5}, {0, 1, 2, 5, 5, 5}};
        long[][] rows = new long[6][1];
        try (var decoder = model.decoder(embeds, padded())) {
            assertClose("first scores", decoder.prefill(), last(model, new long[2][1], encoded));
            for (int round = 0; round < 40; round++) {
                long[] tokens = random.longs(rows.length, 0, V).toArray();
                rows = appended(rows, tokens);
                assertClose("scores after " + rows[0].length, decoder.step(tokens), last(model, rows, encoded));

                long[] order = orders[round % orders.length];
                decoder.reorder(order);
                rows = Tensors.rows(ids(rows).index_select(0, Tensors.of(order, Devices.cpu())));
            }
        }
    }

    private static long[][] appended(long[][] rows, long[] tokens) {
        return IntStream.range(0, rows.length)
                .mapToObj(r -> LongStream.concat(LongStream.of(rows[r]), LongStream.of(tokens[r]))
                        .toArray())
                .toArray(long[][]::new);
    }

    /** Scores of the word after each row, from a pass over whole rows. */
    private static Tensor last(T5 model, long[][] rows, Tensor encoded) {
        int T = rows[0].length;
        var hidden = model.decode(ids(rows), encoded, padded());
        return model.logits(hidden.select(1, T - 1)); // (R, V)
    }

    @Test
    void statesOfRealTokensDoNotDependOnPadding() {
        var model = model(false);
        var embeds = randn(1, 3, D);
        var mask = ids(new long[] {0, 0, 1, 1, 1, 0, 0});
        var around = Tensors.cat(1, randn(1, 2, D), embeds, randn(1, 2, D));

        var encoded = model.encode(around, mask);
        var alone = model.encode(embeds, all(1, 3));
        assertClose("encoded", encoded.narrow(1, 2, 3), alone);

        var written = model.decode(ids(new long[] {0, 5, 6, 7}), encoded, mask);
        assertClose("decoded", written.narrow(1, 0, 3), model.decode(ids(new long[] {0, 5, 6}), alone, all(1, 3)));
    }

    @Test
    void aBatchEqualsItsMembers() {
        var model = model(true);
        var embeds = randn(2, P, D);
        var together = model.encode(embeds, padded());
        for (int b = 0; b < 2; b++) {
            var mask = padded().narrow(0, b, 1);
            var real = mask.unsqueeze(2);
            assertClose(
                    "sample " + b,
                    model.encode(embeds.narrow(0, b, 1), mask).mul(real),
                    together.narrow(0, b, 1).mul(real));
        }
    }

    @Test
    void gradientsReachTheWordVectors() {
        var model = model(false);
        var embeds = randn(2, P, D);
        var direction = randn(2, P, D);
        var leaf = embeds.clone().requires_grad_(true);

        loss(model, leaf).backward();

        double step = 1e-2;
        var change = direction.mul(Tensors.scalar(step));
        double difference = loss(model, embeds.add(change)).item_double()
                - loss(model, embeds.sub(change)).item_double();
        assertThat(leaf.grad().mul(direction).sum().item_double())
                .isCloseTo(difference / (2 * step), withinPercentage(2));
    }

    private static Tensor loss(T5 model, Tensor embeds) {
        var rows = ids(new long[] {0, 3, 4}, new long[] {0, 5, 6});
        var hidden = model.decode(rows, model.encode(embeds, padded()), padded());
        return model.logits(hidden).square().sum();
    }

    @ParameterizedTest
    @EnumSource(names = {"Float", "BFloat16", "Half"})
    void scoresAreFiniteInEveryType(ScalarType dtype) {
        var model = model(false);
        double exact = sum(model);
        model.store(dtype);
        assertThat(sum(model)).isFinite().isCloseTo(exact, withinPercentage(10));
        assertThat(Tensors.dtype(Golden.get(model.stateDict(), "decoder.block.2.layer.2.DenseReluDense.wo.weight")))
                .isEqualTo(dtype == ScalarType.Half ? ScalarType.Float : dtype);
    }

    private static double sum(T5 model) {
        RandomState.seed(6);
        var embeds = randn(2, P, D);
        try (var decoder = model.decoder(embeds, padded())) {
            return decoder.prefill()
                    .add(decoder.step(new long[] {3, 4}))
                    .square()
                    .sum()
                    .item_double();
        }
    }

    @Test
    void aHalfPrecisionStateThatOverflowsStaysBelowTheLargestNumber() {
        var config = config(false);
        var layer = new T5FeedForward(config);
        var large = torch.full(new long[] {1, 2, 1}, Tensors.scalar(60000.0)).to(ScalarType.Half);
        layer.eval();
        var fine = T5Block.residual(large, large.mul(Tensors.scalar(0.05)), layer, config);
        assertThat(Tensors.floats(fine)).containsOnly(63008f);
        var clamped = T5Block.residual(large, large, layer, config);
        assertThat(Tensors.floats(clamped)).containsOnly(64512f); // 65504 - 1000, rounded to fp16
    }

    @Test
    void dropoutIsActiveInTrainModeAlone() {
        var model = new T5(config(false));
        model.initialize();
        model.requiresGrad(false);
        var embeds = randn(2, P, D);
        model.train(true);
        assertThat(Tensors.floats(model.encode(embeds, padded())))
                .isNotEqualTo(Tensors.floats(model.encode(embeds, padded())));
        model.eval();
        assertThat(Tensors.floats(model.encode(embeds, padded())))
                .isEqualTo(Tensors.floats(model.encode(embeds, padded())));
    }

    @Test
    void theTwoFormsOfGeluDifferALittle() {
        var exact = model(false);
        var tanh = new T5(config(false).withDenseActFn(DenseActFn.GELU_NEW));
        tanh.load(exact.stateDict()).requireComplete("copy");
        tanh.eval();
        double difference = tanh.encode(ones(1, 3, D), all(1, 3))
                .sub(exact.encode(ones(1, 3, D), all(1, 3)))
                .abs()
                .max()
                .item_double();
        assertThat(difference).isBetween(1e-6, 1e-2);
    }

    @Test
    void aTiedHeadScoresScaledStates() {
        var model = model(true);
        var hidden = randn(2, D);
        var words = Golden.get(model.stateDict(), "shared.weight");
        assertClose("scores", model.logits(hidden), hidden.matmul(words.t()).mul(Tensors.scalar(0.25)));
        assertThat(model.namedParameters()).doesNotContainKey("lm_head.weight");
    }

    @Test
    void stepsLeaveNothingAndCloseFreesAll() {
        var model = model(false);
        var embeds = randn(2, P, D);
        var mask = padded();
        var counts = new ArrayList<Long>();
        long before = Pointer.totalCount();
        try (var all = new PointerScope();
                var decoder = model.decoder(embeds, mask)) {
            decoder.prefill().close();
            for (int step = 0; step < 6; step++) {
                try (var stepScope = new PointerScope()) {
                    assertThat(decoder.step(new long[] {3, 4, 5, 6}).size(0)).isEqualTo(4);
                }
                counts.add(Pointer.totalCount());
            }
        }
        assertThat(counts.subList(1, 6)).containsOnly(counts.get(0));
        assertThat(Pointer.totalCount()).isEqualTo(before);
    }

    @Test
    void wrongMasksAStepBeforePrefillAndASecondPrefillAreRefused() {
        var model = model(false);
        assertThatThrownBy(() -> model.encode(randn(1, 3, D), all(1, 4)))
                .hasMessage("expected a mask over 3 tokens, got (1, 4)");
        var encoded = model.encode(randn(1, 3, D), all(1, 3));
        assertThatThrownBy(() -> model.decode(ids(new long[] {0, 3}), encoded, all(1, 2)))
                .hasMessage("expected a mask over 3 tokens, got (1, 2)");
        try (var decoder = model.decoder(randn(1, 3, D), all(1, 3))) {
            assertThatThrownBy(() -> decoder.step(new long[] {3})).hasMessage("a step before prefill");
            decoder.prefill();
            assertThatThrownBy(decoder::prefill)
                    .hasMessage("a second prefill; expected a decoder of its own for each generation");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void distancesHaveTheBucketsOfTheFormula(boolean bidirectional) {
        var bias = new RelativePositionBias(T5Config.flanT5Xl(), bidirectional);
        long[] relative = LongStream.rangeClosed(-300, 300).toArray();
        long[] expected =
                Arrays.stream(relative).map(r -> bucket(r, bidirectional)).toArray();
        assertThat(Tensors.longs(bias.buckets(Tensors.of(relative, Devices.cpu()))))
                .isEqualTo(expected);
    }

    /** By whole numbers alone: the range that a distance falls in is a comparison of powers. */
    private static long bucket(long r, boolean bidirectional) {
        int n = bidirectional ? 16 : 32, exact = n / 2;
        long d = bidirectional ? Math.abs(r) : Math.max(-r, 0), base = bidirectional && r > 0 ? 16 : 0;
        if (d < exact) {
            return base + d;
        }
        int k = 0; // largest with (d / exact)^exact >= (128 / exact)^k
        var left = BigInteger.valueOf(d).pow(exact);
        var unit = BigInteger.valueOf(exact).pow(exact);
        while (k < exact - 1
                && left.compareTo(BigInteger.valueOf(128 / exact).pow(k + 1).multiply(unit)) >= 0) {
            k++;
        }
        return base + exact + k;
    }

    @Test
    void filesWithFewerOrOlderNamesFit() {
        var config = config(false);
        var words = randn(V, D);
        assertThat(T5Weights.fit(Map.of("encoder.embed_tokens.weight", words), config))
                .containsOnlyKeys("shared.weight", "lm_head.weight");
        assertThat(T5Weights.fit(Map.of("shared.weight", words, "lm_head.weight", words), config(true)))
                .containsOnlyKeys("shared.weight");
        assertThat(T5Weights.fit(
                        Map.of(
                                "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight", words,
                                "final", words),
                        config))
                .containsOnlyKeys("final");
    }
}
