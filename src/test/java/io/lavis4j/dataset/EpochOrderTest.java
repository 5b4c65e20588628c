package io.lavis4j.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.processor.SeededSampleRandom;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(LibtorchFirst.class)
class EpochOrderTest {

    @Test
    void evaluationKeepsTheOrder() {
        assertThat(EpochOrder.sequential(4).of(7)).containsExactly(0, 1, 2, 3);
    }

    @Test
    void anEpochIsAPermutationOfItsOwn() {
        var order = EpochOrder.shuffled(1000, 42, SeededSampleRandom::of);

        assertThat(order.of(0))
                .hasSize(1000)
                .containsOnly(IntStream.range(0, 1000).toArray());
        assertThat(order.of(0)).isEqualTo(order.of(0)).isNotEqualTo(order.of(1));
        assertThat(order.of(1))
                .isNotEqualTo(
                        EpochOrder.shuffled(1000, 43, SeededSampleRandom::of).of(1));
        int same = (int) IntStream.range(0, 1000)
                .filter(i -> order.of(0)[i] == order.of(1)[i])
                .count();
        assertThat(same)
                .as("samples that neighbouring epochs have in the same place")
                .isLessThan(10);
    }

    @Test
    void everyPermutationIsAsLikely() {
        var order = EpochOrder.shuffled(4, 7, SeededSampleRandom::of);
        Map<String, Integer> counts = new HashMap<>();
        int epochs = 24 * 500;
        for (int epoch = 0; epoch < epochs; epoch++) {
            counts.merge(Arrays.toString(order.of(epoch)), 1, Integer::sum);
        }

        assertThat(counts).hasSize(24);
        double chiSquare = counts.values().stream()
                .mapToDouble(count -> (count - 500.0) * (count - 500) / 500)
                .sum();
        assertThat(chiSquare)
                .as("chi-square, 23 degrees of freedom, 99.99 %% quantile")
                .isLessThan(56);
    }

    @Test
    void torchsPermutationIsThatOfPyTorch() {
        var order = EpochOrder.torchPermutation(10);

        // torch.randperm(10, generator=torch.Generator().manual_seed(0))
        assertThat(order.of(0)).containsExactly(4, 1, 7, 5, 3, 9, 0, 8, 6, 2);
        assertThat(order.of(1)).containsExactly(5, 6, 1, 2, 0, 8, 9, 3, 7, 4);
    }

    @Test
    void torchsPermutationLeavesTheDefaultGeneratorAlone() {
        try (var scope = new PointerScope();
                var state = RandomState.capture(Devices.cpu())) {
            float[] expected = Tensors.floats(torch.rand(3));
            state.restore();
            EpochOrder.torchPermutation(100).of(5);
            assertThat(Tensors.floats(torch.rand(3))).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
                    10, 3, 0, 0 3 6 9
                    10, 3, 1, 1 4 7 0
                    10, 3, 2, 2 5 8 1
                    2, 5, 4, 0
                    2, 5, 3, 1
                    4, 1, 0, 0 1 2 3
                    """)
    void processesTakeTurnsAndTheStartIsRepeated(int samples, int world, int rank, String expected) {
        int[] indices =
                Arrays.stream(expected.split(" ")).mapToInt(Integer::parseInt).toArray();
        var share = EpochOrder.sequential(samples).ofRank(new Share(rank, world));

        assertThat(share.of(0)).isEqualTo(indices).hasSize(share.size());
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
                    7, 2, 0, 0 1 4 5
                    7, 2, 1, 2 3 6
                    8, 2, 1, 2 3 6 7
                    3, 3, 1, 2
                    4, 1, 0, 0 1 2 3
                    """)
    void processesTakeTurnsInBatchesAndNothingIsRepeated(int samples, int world, int rank, String expected) {
        int[] indices =
                Arrays.stream(expected.split(" ")).mapToInt(Integer::parseInt).toArray();
        var share = EpochOrder.sequential(samples).batchesOfRank(new Share(rank, world), 2);

        assertThat(share.of(0)).isEqualTo(indices).hasSize(share.size());
        assertThat(EpochOrder.sequential(2).batchesOfRank(new Share(1, 2), 2).of(0))
                .isEmpty();
    }

    @Test
    void aRankMustBeBelowTheWorld() {
        assertThatThrownBy(() -> new Share(2, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("from 0 to 1, got 2");
    }
}
