package io.lavis4j.model.opt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.pytorch.global.torch.randn;

import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OptDecoderTest {

    private static final long[][] LEFT_PADDED = {{0, 0, 1, 1}, {1, 1, 1, 1}};

    @ParameterizedTest
    @EnumSource(
            value = ScalarType.class,
            names = {"Float", "BFloat16"})
    void paddingOnTheLeftLeavesScoresFinite(ScalarType dtype) {
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            RandomState.seed(5);
            var opt = new Opt(new OptConfig(20, 16, 2, 2, 32, 32, 16, true, false, 0, 1, 2, 2));
            opt.initialize();
            opt.to(dtype);
            opt.eval();
            Tensor embeds = randn(2, 4, 16);
            Tensor mask = Tensors.of(LEFT_PADDED, Devices.cpu());

            assertFinite(opt.logits(opt.forward(embeds, mask)));
            try (var decoder = new OptDecoder(opt, embeds, mask)) {
                assertFinite(decoder.prefill());
                assertFinite(decoder.step(new long[] {3, 4, 5, 6}));
            }
        }
    }

    private static void assertFinite(Tensor scores) {
        for (float score : Tensors.floats(scores)) {
            assertThat(score).isFinite();
        }
    }
}
