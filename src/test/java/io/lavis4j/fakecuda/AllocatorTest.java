package io.lavis4j.fakecuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.GradientCheckpoint.Granularity;
import io.lavis4j.tensor.GradientCheckpoint.Mode;
import java.util.ArrayList;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Memory of the device over many steps. */
@OnFakeCuda
class AllocatorTest {

    private static final int STEPS = 100;
    private static final long LATE = 3; // blocks that the device's thread frees after backward has returned

    private static void assertFlat(@Nullable Mode mode, Granularity granularity, Consumer<DeviceModel> beside) {
        try (var model = DeviceModel.small("blip2_opt", "cuda:0");
                var blocks = new GradientCheckpoint(mode == null ? Mode.HOOKS : mode, granularity)) {
            model.train(true, mode == null ? null : blocks);
            model.step();
            model.step(); // hooks of a step are freed by the next one
            long before = FakeCuda.blocks();
            for (int i = 0; i < STEPS; i++) {
                model.step();
                beside.accept(model);
            }
            assertThat(FakeCuda.blocks()).as("blocks after %d steps", STEPS).isBetween(before - LATE, before + LATE);
        }
    }

    @ParameterizedTest
    @CsvSource({"HOOKS, FULL", "HOOKS, SELECTIVE", "SEGMENTED, FULL", "SEGMENTED, SELECTIVE"})
    void aHundredStepsWithRecomputedBlocksKeepNothing(Mode mode, Granularity granularity) {
        assertFlat(mode, granularity, model -> {});
    }

    @Test
    void aHundredStepsKeepNothing() {
        assertFlat(null, Granularity.FULL, model -> {});
    }

    @Test
    void aBlockThatEachStepLeavesBehindIsFound() {
        var left = new ArrayList<Tensor>();
        assertThatThrownBy(() -> assertFlat(null, Granularity.FULL, model -> {
                    try (var scope = new PointerScope()) {
                        left.add(model.images(1).retainReference());
                    }
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("after 100 steps");
        left.forEach(Tensor::close);
    }
}
