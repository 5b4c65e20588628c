package io.lavis4j.nn;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class InitTest {

    private static Tensor parameter(Device device) {
        return torch.zeros(new long[] {7, 5}, Tensors.options(device, ScalarType.Float));
    }

    static Stream<Named<Consumer<Tensor>>> draws() {
        return Stream.of(
                Named.of("normal", p -> Init.normal(p, 0.02)),
                Named.of("truncated normal", p -> Init.truncatedNormal(p, 0.02)),
                Named.of("uniform", p -> Init.uniform(p, 0.1)));
    }

    /** A parameter on the device "meta" has no numbers; those that would be copied to it are drawn nevertheless. */
    @ParameterizedTest
    @MethodSource("draws")
    void whateverTheDeviceTheCpusGeneratorDrawsAsManyNumbers(Consumer<Tensor> init) {
        try (var scope = new PointerScope()) {
            RandomState.seed(3);
            init.accept(parameter(Devices.cpu()));
            float[] afterwards = Tensors.floats(torch.rand(4));

            RandomState.seed(3);
            init.accept(parameter(new Device("meta")));
            assertThat(Tensors.floats(torch.rand(4))).isEqualTo(afterwards);
        }
    }

    @Test
    void aParameterOf16BitsStartsFromTheSameNumbersRounded() {
        try (var scope = new PointerScope()) {
            var wide = parameter(Devices.cpu());
            var half = parameter(Devices.cpu()).to(ScalarType.BFloat16);
            RandomState.seed(3);
            Init.truncatedNormal(wide, 0.02);
            RandomState.seed(3);
            Init.truncatedNormal(half, 0.02);

            assertThat(torch.equal(half, wide.to(ScalarType.BFloat16))).isTrue();
            assertThat(wide.std().item_double()).isBetween(0.01, 0.03);
        }
    }
}
