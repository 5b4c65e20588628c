package io.lavis4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.golden.TestDevice;
import java.util.ArrayList;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class UploadTest {

    @BeforeAll
    static void available() {
        TestDevice.assumeAvailable();
    }

    @Test
    void listsAndTablesArriveAsTheyWereInPartsOfOneTensor() {
        try (var scope = new PointerScope()) {
            long[][] table = {{1, -2, 3}, {Long.MAX_VALUE, Long.MIN_VALUE, 1L << 53}};
            var parts = new Upload()
                    .add(new long[] {7})
                    .add(table)
                    .add(new long[0])
                    .add(new long[] {8, 9})
                    .to(TestDevice.device());

            assertThat(parts).allMatch(part -> Tensors.dtype(part) == ScalarType.Long);
            assertThat(parts)
                    .allMatch(part ->
                            part.device().is_cuda() == TestDevice.device().is_cuda());
            assertThat(Tensors.longs(parts.get(0))).containsExactly(7);
            assertThat(parts.get(1).shape()).containsExactly(2, 3);
            assertThat(Tensors.rows(parts.get(1))).isDeepEqualTo(table);
            assertThat(parts.get(2).shape()).containsExactly(0);
            assertThat(Tensors.longs(parts.get(3))).containsExactly(8, 9);
            assertThat(parts.get(3).storage_offset() - parts.get(1).storage_offset())
                    .isEqualTo(6);
        }
    }

    @Test
    void theSameNumbersMayGoTwiceAndNothingIsLeft() {
        var counts = new ArrayList<Long>();
        var device = TestDevice.device();
        var upload = new Upload().add(new long[] {1, 2}).add(new long[][] {{3}, {4}});
        for (int i = 0; i < 2; i++) {
            try (var scope = new PointerScope()) {
                var parts = upload.to(device);
                assertThat(Tensors.longs(parts.get(0))).containsExactly(1, 2);
                assertThat(Tensors.rows(parts.get(1))).isDeepEqualTo(new long[][] {{3}, {4}});
            }
            counts.add(Pointer.totalCount());
        }
        assertThat(counts.get(1)).isEqualTo(counts.get(0));
    }

    @Test
    void rowsOfDifferentLengthsAreRefused() {
        assertThatThrownBy(() -> new Upload().add(new long[][] {{1, 2}, {3}}))
                .hasMessage("expected rows of 2 numbers, row 1 has 1");
    }

    @Test
    void singleListsTablesAndFractionsAreTensors() {
        try (var scope = new PointerScope()) {
            var device = TestDevice.device();
            assertThat(Tensors.longs(Tensors.of(new long[] {5, 6}, device))).containsExactly(5, 6);
            assertThat(Tensors.of(new long[0][], device).shape()).containsExactly(0, 0);
            var fractions = Tensors.of(new float[] {0.5f, -1e9f}, device);
            assertThat(Tensors.dtype(fractions)).isEqualTo(ScalarType.Float);
            assertThat(Tensors.floats(fractions)).containsExactly(0.5f, -1e9f);
            assertThat(Tensors.doubles(fractions)).containsExactly(0.5, -1e9);
        }
    }
}
