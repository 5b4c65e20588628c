package io.lavis4j.features;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.tensor.Tensors;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LibtorchFirst.class)
class WeightsDigestTest {

    @Test
    void everyBitNameShapeAndTypeCounts() {
        try (var scope = new PointerScope()) {
            var weights = torch.ones(5000, 1000); // more than a piece
            var digest = WeightsDigest.of(Map.of("a", weights));
            assertThat(WeightsDigest.of(Map.of("a", weights.clone()))).isEqualTo(digest);
            assertThat(WeightsDigest.of(Map.of("b", weights))).isNotEqualTo(digest);
            assertThat(WeightsDigest.of(Map.of("a", weights.view(1000, 5000)))).isNotEqualTo(digest);
            assertThat(WeightsDigest.of(Map.of("a", weights.view(ScalarType.Int))))
                    .isNotEqualTo(digest);
            var other = weights.clone();
            other.select(0, 4999).select(0, 999).add_(Tensors.scalar(Math.ulp(1f)));
            assertThat(WeightsDigest.of(Map.of("a", other))).isNotEqualTo(digest);
        }
    }
}
