package io.lavis4j.model.causal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.bytedeco.pytorch.global.torch.ones;
import static org.bytedeco.pytorch.global.torch.ones_like;
import static org.bytedeco.pytorch.global.torch.randn;

import io.lavis4j.model.llama.Llama;
import io.lavis4j.model.llama.LlamaConfig;
import io.lavis4j.model.opt.Opt;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CausalTransformerTest {

    private static final int V = 20;
    private static final int W = 16;
    private static final int P = 5;
    private static final int MAX = 16;
    private static final float ATOL = 1e-4f;

    private final PointerScope scope = new PointerScope();

    @BeforeEach
    void seed() {
        RandomState.seed(5);
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private enum Kind {
        OPT,
        POST_NORM_OPT,
        LLAMA,
        GROUPED_LLAMA;

        /** Weights are large enough for every token to matter. */
        CausalTransformer create() {
            Module module = this == OPT || this == POST_NORM_OPT
                    ? new Opt(new OptConfig(V, W, 2, 4, 32, MAX, W, this == OPT, false, 0, 1, 2, 2))
                    : new Llama(llama());
            for (var parameter : module.namedParameters().values()) {
                parameter.set_data(randn(parameter.shape()).mul(Tensors.scalar(0.3)));
            }
            module.freeze();
            return (CausalTransformer) module;
        }

        private LlamaConfig llama() {
            return this == LLAMA
                    ? new LlamaConfig(V, W, 24, 2, 4, 4, 4, MAX, 1e-6, 10000, false, 1, 2, 2)
                    : new LlamaConfig(V, W, 24, 2, 4, 2, 6, MAX, 1e-6, 100, true, 1, 2, 2);
        }
    }

    private static Tensor ids(long[]... rows) {
        return Tensors.of(rows, Devices.cpu());
    }

    private static Tensor leftPadded() {
        return ids(new long[] {0, 0, 1, 1, 1}, new long[] {1, 1, 1, 1, 1});
    }

    private static void assertClose(String what, Tensor actual, Tensor expected) {
        assertThat(actual.shape()).containsExactly(expected.shape());
        float[] a = Tensors.floats(actual), e = Tensors.floats(expected);
        for (int i = 0; i < a.length; i++) {
            assertThat(a[i]).as(what + ", element " + i).isCloseTo(e[i], within(ATOL));
        }
    }

    private static void assertFinite(Tensor scores) {
        for (float score : Tensors.floats(scores)) {
            assertThat(score).isFinite();
        }
    }

    /** Scores of the word after each row of prefix and tokens, from a pass over whole rows. */
    private static Tensor uncached(CausalTransformer model, Tensor embeds, Tensor mask, long[][] tokens) {
        long R = tokens.length, rowsPerPrefix = R / embeds.size(0);
        long[] owners = LongStream.range(0, R).map(r -> r / rowsPerPrefix).toArray();
        var prefixes = Tensors.of(owners, Devices.cpu()); // (R)
        var words = ids(tokens); // (R, T)
        var rows = Tensors.cat(1, embeds.index_select(0, prefixes), model.embed(words)); // (R, P + T, W)
        var hidden = model.forward(rows, Tensors.cat(1, mask.index_select(0, prefixes), ones_like(words)));
        return model.logits(hidden.select(1, hidden.size(1) - 1)); // (R, V)
    }

    @ParameterizedTest
    @EnumSource
    void cachedStepsOfReorderedRowsEqualAPassOverWholeRows(Kind kind) {
        var model = kind.create();
        var embeds = randn(2, P, W);
        var mask = leftPadded();
        var random = new Random(3);
        long[][] orders = {{0, 1, 2, 3, 4, 5}, {1, 1, 0, 5, 3, 3}, {2, 0, 0, 4, 4, 5}, {0, 1, 2, 5, 5, 5}};
        long[][] rows = new long[6][0];
        try (var decoder = model.decoder(embeds, mask)) {
            var hidden = model.forward(embeds, mask);
            assertClose("after the prefix", decoder.prefill(), model.logits(hidden.select(1, P - 1)));
            for (long[] order : orders) {
                long[] tokens = random.longs(6, 0, V).toArray();
                long[][] before = rows;
                rows = new long[6][];
                Arrays.setAll(
                        rows,
                        r -> LongStream.concat(Arrays.stream(before[r]), LongStream.of(tokens[r]))
                                .toArray());

                assertClose(
                        "scores after " + rows[0].length, decoder.step(tokens), uncached(model, embeds, mask, rows));

                decoder.reorder(order);
                long[][] written = rows;
                rows = Arrays.stream(order).mapToObj(r -> written[(int) r]).toArray(long[][]::new);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void textsAfterAPrefixHaveTheStatesOfWholeRows(Kind kind) {
        var model = kind.create();
        var embeds = randn(1, P, W);
        var texts = ids(new long[] {3, 4, 5, 6}, new long[] {7, 8, 1, 1}, new long[] {3, 9, 10, 1});

        try (var prefix = model.prefix(embeds)) {
            var rows = Tensors.cat(1, embeds.expand(3, P, W), model.embed(texts)); // (R, P + T, W)
            var hidden = model.forward(rows, ones(3, P + 4).to(ScalarType.Long));

            assertClose(
                    "last of the prefix", prefix.last(), hidden.select(1, P - 1).narrow(0, 0, 1));
            assertClose("texts", prefix.forward(texts), hidden.narrow(1, P, 4));
        }
    }

    @ParameterizedTest
    @EnumSource
    void tokensThatAreReadHaveTheStatesAndGradientsOfWholeRows(Kind kind) {
        var model = kind.create();
        Tensor embeds = randn(2, 5, W), weight = randn(4, W);
        var mask = ids(new long[] {1, 1, 1, 1, 1}, new long[] {1, 1, 1, 1, 0});
        var read = Tensors.of(new long[] {1, 4, 5, 8}, Devices.cpu());
        Tensor whole = embeds.clone().requires_grad_(true),
                part = embeds.clone().requires_grad_(true);

        var expected = model.forward(whole, mask).flatten(0, 1).index_select(0, read);
        var states = model.forward(part, mask, read);
        expected.mul(weight).sum().backward();
        states.mul(weight).sum().backward();

        assertClose("states", states, expected);
        assertClose("gradient", part.grad(), whole.grad());
    }

    @ParameterizedTest
    @EnumSource
    void tokensThatAreReadAfterAPrefixHaveTheStatesOfAll(Kind kind) {
        var model = kind.create();
        var texts = ids(new long[] {3, 4, 5, 6}, new long[] {7, 8, 1, 1}, new long[] {3, 9, 10, 1});
        var read = Tensors.of(new long[] {2, 5, 8}, Devices.cpu());

        try (var prefix = model.prefix(randn(1, P, W))) {
            assertClose(
                    "texts",
                    prefix.forward(texts, read),
                    prefix.forward(texts).flatten(0, 1).index_select(0, read));
        }
    }

    @ParameterizedTest
    @EnumSource
    void statesOfRealTokensDoNotDependOnPadding(Kind kind) {
        var model = kind.create();
        var embeds = randn(1, 3, W);
        var padded = Tensors.cat(1, randn(1, 2, W), embeds, randn(1, 2, W));

        var hidden = model.forward(padded, ids(new long[] {0, 0, 1, 1, 1, 0, 0}));

        assertClose("real tokens", hidden.narrow(1, 2, 3), model.forward(embeds, ids(new long[] {1, 1, 1})));
    }

    /** A loss of real tokens alone, and its gradient with respect to the word vectors. */
    private static Tensor gradient(CausalTransformer model, Tensor embeds, @Nullable Tensor mask, Tensor weight) {
        var leaf = embeds.clone().requires_grad_(true);
        var loss = model.forward(leaf, mask).mul(weight).sum();
        loss.backward();
        return Tensors.cat(0, loss.detach().view(1), leaf.grad().flatten());
    }

    @ParameterizedTest
    @EnumSource
    void withPaddingOnTheRightLossAndGradientsNeedNoMask(Kind kind) {
        var model = kind.create();
        var embeds = randn(2, P, W);
        var mask = ids(new long[] {1, 1, 1, 0, 0}, new long[] {1, 1, 1, 1, 1});
        var weight = randn(2, P, W).mul(mask.unsqueeze(2));

        var found = gradient(model, embeds, null, weight);

        assertClose("loss and gradients", found, gradient(model, embeds, mask, weight));
        assertThat(Tensors.floats(found.narrow(0, 1 + 3L * W, 2L * W)))
                .as("gradients of padding")
                .containsOnly(0);
    }

    @ParameterizedTest
    @EnumSource
    void prefixesWithoutPaddingNeedNoMask(Kind kind) {
        var model = kind.create();
        var embeds = randn(2, P, W);
        try (var decoder = model.decoder(embeds, null);
                var masked = model.decoder(embeds, ones(2, P).to(ScalarType.Long))) {
            assertClose("after the prefix", decoder.prefill(), masked.prefill());
            for (long[] tokens : new long[][] {{3, 4, 5, 6}, {7, 8, 9, 10}}) {
                assertClose("next", decoder.step(tokens), masked.step(tokens));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void gradientsReachTheWordVectors(Kind kind) {
        var model = kind.create();
        var embeds = randn(2, P, W);
        var weight = randn(2, P, W).mul(leftPadded().unsqueeze(2));
        var direction = randn(2, P, W);
        var leaf = embeds.clone().requires_grad_(true);

        model.forward(leaf, leftPadded()).mul(weight).sum().backward();

        double step = 1e-2;
        var change = direction.mul(Tensors.scalar(step));
        var difference = model.forward(embeds.add(change), leftPadded())
                .sub(model.forward(embeds.sub(change), leftPadded()))
                .mul(weight)
                .sum();
        assertThat(leaf.grad().mul(direction).sum().item_double())
                .isCloseTo(difference.item_double() / (2 * step), withinPercentage(2));
    }

    @ParameterizedTest
    @EnumSource
    void hiddenStatesEndWithTheOutput(Kind kind) {
        var model = kind.create();
        var embeds = randn(2, P, W);

        var states = model.hiddenStates(embeds, leftPadded());

        assertThat(states).hasSize(3);
        assertClose("output", states.get(2), model.forward(embeds, leftPadded()));
    }

    @ParameterizedTest
    @CsvSource({"OPT, Float", "OPT, BFloat16", "LLAMA, Float", "LLAMA, BFloat16", "GROUPED_LLAMA, BFloat16"})
    void paddingOnTheLeftLeavesScoresFinite(Kind kind, ScalarType dtype) {
        var model = kind.create();
        ((Module) model).to(dtype);
        var embeds = randn(2, P, W);

        assertFinite(model.logits(model.forward(embeds, leftPadded())));
        try (var decoder = model.decoder(embeds, leftPadded())) {
            assertFinite(decoder.prefill());
            assertFinite(decoder.step(new long[] {3, 4, 5, 6}));
        }
    }

    @ParameterizedTest
    @EnumSource
    void stepsLeaveNothingAndCloseFreesAll(Kind kind) {
        var model = kind.create();
        var embeds = randn(2, P, W);
        var mask = leftPadded();
        var counts = new ArrayList<Long>();
        long before = Pointer.totalCount();
        try (var all = new PointerScope();
                var decoder = model.decoder(embeds, mask)) {
            for (int step = 0; step < 6; step++) {
                try (var stepScope = new PointerScope()) {
                    assertThat((step == 0 ? decoder.prefill() : decoder.step(new long[] {3, 4})).size(0))
                            .isEqualTo(2);
                }
                counts.add(Pointer.totalCount());
            }
        }
        assertThat(counts.subList(2, 6)).containsOnly(counts.get(1));

        try (var step = new PointerScope();
                var prefix = model.prefix(embeds.narrow(0, 0, 1))) {
            assertThat(prefix.forward(ids(new long[] {3, 4})).size(1)).isEqualTo(2);
        }
        assertThat(Pointer.totalCount()).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void rowsLongerThanThePositionsAreRefused(Kind kind) {
        var model = kind.create();
        var tooLong = randn(1, MAX + 1, W);
        var all = ones(1, MAX + 1).to(ScalarType.Long);
        assertThatThrownBy(() -> model.forward(tooLong, all)).hasMessage("expected at most 16 tokens, got 17");
        assertThatThrownBy(() -> model.decoder(tooLong, all)).hasMessage("expected at most 16 tokens, got 17");
        assertThatThrownBy(() -> model.prefix(tooLong)).hasMessage("expected at most 16 tokens, got 17");
        assertThatThrownBy(() -> model.forward(randn(1, 3, W), all))
                .hasMessage("expected an attention mask over 3 tokens, got (1, 17)");
        try (var prefix = model.prefix(randn(1, MAX - 1, W));
                var decoder = model.decoder(randn(1, MAX - 1, W), all.narrow(1, 0, MAX - 1))) {
            assertThatThrownBy(() -> prefix.forward(ids(new long[] {3, 4})))
                    .hasMessage("expected at most 16 tokens, got 2 and 15 in front of them");
            decoder.prefill();
            decoder.step(new long[] {3});
            assertThatThrownBy(() -> decoder.step(new long[] {3})).hasMessage("expected at most 16 tokens, got 17");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aStepBeforePrefillAndASecondPrefillAreRefused(Kind kind) {
        try (var decoder = kind.create().decoder(randn(2, P, W), leftPadded())) {
            assertThatThrownBy(() -> decoder.step(new long[] {3, 4})).hasMessage("a step before prefill");
            decoder.prefill();
            assertThatThrownBy(decoder::prefill)
                    .hasMessage("a second prefill; expected a decoder of its own for each generation");
        }
    }
}
