package io.lavis4j.features;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

@ExtendWith(LibtorchFirst.class)
class FeatureTypeTest {

    private static final long B = 3, N = 5, D = 24;

    @BeforeEach
    void seed() {
        RandomState.seed(5);
    }

    private static FeatureCodec codec(Tensor features, FeatureType type) {
        return FeatureCodec.of(features, type);
    }

    private static Tensor again(Tensor features, FeatureType type) {
        var codec = codec(features, type);
        var rows = codec.pack(features);
        assertThat(rows.shape()).containsExactly(B, codec.bytes());
        return codec.unpack(rows);
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "INT8")
    void theEncodersOwnTypeIsExact(FeatureType type) {
        try (var scope = new PointerScope()) {
            var dtype = switch (type) {
                case FP16 -> ScalarType.Half;
                case BF16 -> ScalarType.BFloat16;
                default -> ScalarType.Float;
            };
            var features = torch.randn(new long[] {B, N, D}).to(dtype);
            assertThat(FeatureType.of(dtype)).isEqualTo(type);
            assertThat(codec(features, type).isExact()).isTrue();
            assertThat(torch.equal(again(features, type), features)).isTrue();
            assertThat(torch.equal(again(features, FeatureType.FP32), features)).isTrue();
        }
    }

    @Test
    void eightBitsErrByHalfAStepOfTheirTokenAtMost() {
        try (var scope = new PointerScope()) {
            var features = torch.randn(new long[] {B, N, D})
                    .mul(torch.randn(new long[] {B, N, 1}).exp());
            features.select(1, 2).zero_();
            var kept = again(features, FeatureType.INT8);
            assertThat(kept.select(1, 2).abs().max().item_double()).isZero();
            assertThat(codec(features, FeatureType.INT8).loss(features).largest())
                    .isBetween(0.2 / 127, 0.5 / 127 + 1e-6);
        }
    }

    /** Random numbers of the normal distribution; what a model's features lose depends on how uneven they are. */
    @ParameterizedTest
    @CsvSource({"FP32, 0, 0", "FP16, 1e-4, 2e-4", "BF16, 1e-3, 2e-3", "INT8, 5e-3, 9e-3"})
    void theErrorIsMeasured(FeatureType type, double least, double most) {
        try (var scope = new PointerScope()) {
            var features = torch.randn(new long[] {B, N, 1000});
            assertThat(codec(features, type).loss(features).mean()).isBetween(least, most);
        }
    }

    @Test
    void aRowHasItsBytes() {
        try (var scope = new PointerScope()) {
            var features = torch.zeros(2, 257, 1408);
            assertThat(codec(features, FeatureType.FP32).bytes()).isEqualTo(257 * 1408 * 4);
            assertThat(codec(features, FeatureType.FP16).bytes()).isEqualTo(257 * 1408 * 2);
            assertThat(codec(features, FeatureType.INT8).bytes()).isEqualTo(257 * (1408 + 4));
            assertThat(codec(features, FeatureType.FP16).isExact()).isFalse();
            assertThat(Tensors.dtype(features)).isEqualTo(ScalarType.Float);
        }
    }
}
