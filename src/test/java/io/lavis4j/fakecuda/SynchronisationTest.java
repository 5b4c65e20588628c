package io.lavis4j.fakecuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.model.CaptionGenerator;
import io.lavis4j.model.TrainableModel;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.GradientCheckpoint.Mode;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.TensorTensorHook;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A GPU computes while the host is ahead of it: how often the host waits. */
@OnFakeCuda
class SynchronisationTest {

    private static final int SHORT = 6, LONG = 16;

    private static void assertNoWaits(String what, Runnable work) {
        var trace = FakeCuda.trace(work);
        assertThat(trace.kernels("")).as(what + " is computed on the device").isPositive();
        assertThat(trace.hostWaits()).as("waits of the host in " + what).isEmpty();
        assertThat(trace.pageableCopies()).as("pageable copies in " + what).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"blip2_opt", "blip2_t5", "blip2_t5_instruct", "blip2_vicuna_instruct", "blip2"})
    void theHostIsAheadInForwardBackwardAndOptimizer(String arch) {
        try (var model = DeviceModel.small(arch, "cuda:0")) {
            model.train(false, null);
            model.step();
            assertStepWithoutWaits(model);
        }
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void theHostIsAheadWhereBlocksAreRecomputed(Mode mode) {
        try (var model = DeviceModel.small("blip2_opt", "cuda:0");
                var blocks = new GradientCheckpoint(mode)) {
            model.train(true, blocks);
            model.step();
            assertStepWithoutWaits(model);
        }
    }

    private static void assertStepWithoutWaits(DeviceModel model) {
        try (var scope = new PointerScope()) {
            var images = model.images(DeviceModel.BATCH);
            var prepared = model.as(TrainableModel.class).prepare(DeviceModel.texts());
            var loss = new Tensor[1];
            assertNoWaits("forward", () -> loss[0] = model.forward(prepared, images));
            assertNoWaits("backward", () -> model.backward(loss[0]));
            assertNoWaits("the optimizer's step", model::update);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "blip2_opt, 1", "blip2_opt, 5",
        "blip2_t5, 1", "blip2_t5, 5",
        "blip2_vicuna_instruct, 1", "blip2_vicuna_instruct, 5",
        "blip2, 1", "blip2, 3"
    })
    void theHostWaitsOncePerTokenThatIsWritten(String arch, int beams) {
        try (var model = DeviceModel.small(arch, "cuda:0")) {
            long waits = waits(model, beams, false, LONG) - waits(model, beams, false, SHORT);
            assertThat(waits).isBetween(1L, (long) (LONG - SHORT));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"blip2_opt", "blip2_t5"})
    void theHostWaitsOncePerTokenThatIsDrawn(String arch) {
        try (var model = DeviceModel.small(arch, "cuda:0")) {
            long waits = waits(model, 1, true, LONG) - waits(model, 1, true, SHORT);
            assertThat(waits).isBetween(1L, (long) (LONG - SHORT));
        }
    }

    /** Waits while texts of exactly {@code length} tokens are written, of which none ends early. */
    private static long waits(DeviceModel model, int beams, boolean sample, int length) {
        try (var scope = new PointerScope()) {
            var images = model.images(2);
            var generation = GenerationConfig.lavis()
                    .withNumBeams(beams)
                    .withDoSample(sample)
                    .withMinLength(length)
                    .withMaxLength(length);
            var trace = FakeCuda.trace(() -> model.as(CaptionGenerator.class).generate(images, generation));
            return trace.hostWaits().size();
        }
    }

    /** Reads a number from the device in the middle of backward. */
    private static final class Reading extends TensorTensorHook {
        @Override
        public TensorBase call(TensorBase gradient) {
            Tensors.floats(new Tensor(gradient).sum());
            return gradient;
        }
    }

    @Test
    void aHookThatReadsFromTheDeviceInBackwardIsFound() {
        try (var model = DeviceModel.small("blip2_opt", "cuda:0");
                var scope = new PointerScope();
                var hook = new Reading()) {
            model.train(false, null);
            model.module().trainableParameters().values().iterator().next().register_hook(hook);
            assertThatThrownBy(() -> assertStepWithoutWaits(model))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("waits of the host in backward");
        }
    }
}
