package io.lavis4j.model.qformer;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.pytorch.global.torch.randn;

import io.lavis4j.golden.Golden;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class QFormerDecoderTest {

    private static final int V = 20;
    private static final int D = 16;
    private static final QFormerConfig CONFIG = new QFormerConfig(3, D, 4, 4, 24, 2, 12, V, 14, 1e-12, 0.1);
    private static final long START = 7;
    private static final int B = 2;

    private final PointerScope scope = new PointerScope();
    /** One for all tests, as its parameters are freed when it is collected: tests count what is not freed. */
    private static QFormer model;

    private QFormerInput queries;

    @BeforeAll
    static void build() {
        try (var scope = new PointerScope()) {
            RandomState.seed(5);
            model = new QFormer(CONFIG, QFormer.Parts.ALL);
            for (var parameter : model.namedParameters().values()) {
                parameter.set_data(randn(parameter.shape()).mul(Tensors.scalar(0.3)));
            }
            model.freeze();
        }
    }

    @BeforeEach
    void draw() {
        queries = QFormerInput.queries(randn(B, 3, D), randn(B, 5, 12));
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private QFormerDecoder decoder() {
        return new QFormerDecoder(model, queries, START);
    }

    @Test
    void stepsOfReorderedRowsEqualAPassOverWholeCaptions() {
        var random = new Random(3);
        long[][] orders = {{0, 1, 2, 3, 4, 5}, {1, 1, 0, 5, 3, 3}, {2, 0, 0, 4, 4, 5}, {0, 1, 2, 5, 5, 5}};
        long[][] rows = new long[B * 3][];
        Arrays.fill(rows, new long[] {START});
        try (var decoder = decoder()) {
            assertClose("first scores", decoder.prefill(), last(new long[][] {{START}, {START}}));
            for (int round = 0; round < 12; round++) {
                long[] tokens = random.longs(rows.length, 0, V).toArray();
                long[] order = orders[round % orders.length];
                for (int r = 0; r < rows.length; r++) {
                    rows[r] = Arrays.copyOf(rows[r], round + 2);
                    rows[r][round + 1] = tokens[r];
                }
                assertClose("scores after " + (round + 2), decoder.step(tokens), last(rows));

                decoder.reorder(order);
                rows = Tensors.rows(Tensors.of(rows, Devices.cpu()).index_select(0, Tensors.of(order, Devices.cpu())));
            }
        }
    }

    private static void assertClose(String what, Tensor actual, Tensor expected) {
        Golden.assertClose(what, actual, expected, 1e-4, 0);
    }

    /** Scores of the word after each row, from a pass over queries and rows, those of a sample one after the other. */
    private Tensor last(long[][] rows) {
        var all = new QFormerInput(
                Tensors.repeatRows(requireNonNull(queries.queryEmbeds()), rows.length / B),
                Tensors.of(rows, Devices.cpu()),
                null,
                Tensors.repeatRows(requireNonNull(queries.encoderHiddenStates()), rows.length / B),
                null,
                null,
                true,
                null,
                null);
        return model.logits(all).select(1, rows[0].length - 1L); // (R, V)
    }

    @Test
    void captionsLongerThanThePositionsAStepBeforePrefillAndASecondPrefillAreRefused() {
        try (var decoder = decoder()) {
            assertThatThrownBy(() -> decoder.step(new long[B])).hasMessage("a step before prefill");
            decoder.prefill();
            assertThatThrownBy(decoder::prefill)
                    .hasMessage("a second prefill; expected a decoder of its own for each generation");
            for (int step = 1; step < CONFIG.maxPositions(); step++) {
                decoder.step(new long[B * 2]);
            }
            assertThatThrownBy(() -> decoder.step(new long[B * 2]))
                    .hasMessage(
                            "expected at most %d text tokens, got %d",
                            CONFIG.maxPositions(), CONFIG.maxPositions() + 1);
        }
    }

    @Test
    void stepsLeaveNothingAndCloseFreesAll() {
        var counts = new ArrayList<Long>();
        long before = Pointer.totalCount();
        try (var all = new PointerScope();
                var decoder = decoder()) {
            decoder.prefill();
            for (int step = 0; step < 6; step++) {
                try (var stepScope = new PointerScope()) {
                    decoder.step(new long[] {3, 4, 5, 6});
                    decoder.reorder(new long[] {1, 1, 2, 2});
                }
                counts.add(Pointer.totalCount());
            }
        }
        assertThat(counts.subList(1, 6)).containsOnly(counts.get(0));
        assertThat(Pointer.totalCount()).isEqualTo(before);
    }
}
