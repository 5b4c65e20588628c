package io.lavis4j.fakecuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.model.CaptionGenerator;
import io.lavis4j.model.TrainableModel;
import io.lavis4j.nn.Init;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.GradientCheckpoint.Granularity;
import io.lavis4j.tensor.GradientCheckpoint.Mode;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which of libtorch's kernels a model runs. */
@OnFakeCuda
class KernelsTest {

    private static final String FLASH = "flash_fwd";
    private static final String FLASH_BACKWARD = "flash_bwd";

    @ParameterizedTest
    @ValueSource(strings = {"blip2_opt", "blip2_vicuna_instruct"})
    void trainingInMixedPrecisionUsesFlashAttention(String arch) {
        try (var model = DeviceModel.small(arch, "cuda:0");
                var scope = new PointerScope()) {
            model.train(false, null);
            var prepared = model.as(TrainableModel.class).prepare(DeviceModel.texts());
            var images = model.images(DeviceModel.BATCH);
            var loss = new Tensor[1];
            var forward = FakeCuda.trace(() -> loss[0] = model.forward(prepared, images));
            var backward = FakeCuda.trace(() -> model.backward(loss[0]));
            long blocks = model.module().namedParameters().keySet().stream()
                    .filter(
                            name -> name.matches(
                                    "(visual_encoder.blocks|.*layers)\\.\\d+\\.(norm1|input_layernorm|self_attn_layer_norm)\\.weight"))
                    .count();
            assertThat(forward.kernels(FLASH))
                    .as("blocks of vision encoder and language model")
                    .isGreaterThanOrEqualTo(blocks);
            assertThat(backward.kernels(FLASH_BACKWARD))
                    .as("gradients through the language model")
                    .isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"blip2_opt", "blip2_t5", "blip2_t5_instruct", "blip2_vicuna_instruct", "blip2"})
    void nothingIsCompiledWhileAModelRuns(String arch) {
        try (var model = DeviceModel.small(arch, "cuda:0");
                var scope = new PointerScope()) {
            var trace = FakeCuda.trace(() -> {
                model.train(false, null);
                model.step();
                model.module().eval();
                model.as(CaptionGenerator.class)
                        .generate(model.images(2), GenerationConfig.lavis().withMaxLength(6));
            });
            assertThat(trace.of("library", "nvrtc"))
                    .as("NVRTC, which a machine may not have")
                    .isEmpty();
        }
    }

    @Test
    void randomValuesOfParametersAreNotDrawnOnTheDevice() {
        try (var scope = new PointerScope()) {
            var parameter = torch.zeros(new long[] {8, 8}, Tensors.options(Devices.of("cuda:0"), ScalarType.Float));
            var trace = FakeCuda.trace(() -> Init.truncatedNormal(parameter, 0.02));
            assertThat(trace.kernels("")).as("kernels that draw").isZero();
            assertThat(trace.of("library", "nvrtc"))
                    .as("the inverse of erf is compiled")
                    .isEmpty();
            assertThat(parameter.is_cuda()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({"HOOKS, FULL", "HOOKS, SELECTIVE", "SEGMENTED, FULL", "SEGMENTED, SELECTIVE"})
    void recomputedBlocksComputeInTheMixedPrecisionOfTheirForward(Mode mode, Granularity granularity) {
        try (var model = DeviceModel.small("blip2_opt", "cuda:0");
                var blocks = new GradientCheckpoint(mode, granularity);
                var scope = new PointerScope()) {
            model.train(true, blocks);
            var loss = model.forward(
                    model.as(TrainableModel.class).prepare(DeviceModel.texts()), model.images(DeviceModel.BATCH));
            assertThat(FakeCuda.trace(() -> model.backward(loss)).kernels(FLASH))
                    .isPositive();
        }
    }
}
