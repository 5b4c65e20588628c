package io.lavis4j.fakecuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.GradientCheckpoint.Mode;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Memory of the device over many steps. */
@OnFakeCuda
class AllocatorTest {

    private static final int STEPS = 100;

    /** Bytes and blocks that libtorch's allocator has given out. */
    private record Allocated(long bytes, long blocks) {
        static Allocated now() {
            try (var scope = new PointerScope()) {
                var stats = torch.getDeviceStats((byte) 0);
                return new Allocated(
                        stats.allocated_bytes().current(), stats.allocation().current());
            }
        }
    }

    private static void assertFlat(@Nullable Mode mode) {
        try (var model = DeviceModel.small("blip2_opt", "cuda:0");
                var blocks = new GradientCheckpoint(mode == null ? Mode.HOOKS : mode)) {
            model.train(true, mode == null ? null : blocks);
            model.step();
            model.step(); // hooks of a step are freed by the next one
            var before = Allocated.now();
            for (int i = 0; i < STEPS; i++) {
                model.step();
            }
            assertThat(Allocated.now()).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void aHundredStepsWithRecomputedBlocksKeepNothing(Mode mode) {
        assertFlat(mode);
    }

    @Test
    void aHundredStepsKeepNothing() {
        assertFlat(null);
    }

    @Test
    void aBlockThatEachStepLeavesBehindIsSeen() {
        var before = Allocated.now();
        var kept = new Tensor[STEPS];
        try (var model = DeviceModel.small("blip2_opt", "cuda:0")) {
            for (int i = 0; i < STEPS; i++) {
                try (var scope = new PointerScope()) {
                    kept[i] = model.images(1).retainReference();
                }
            }
            assertThat(Allocated.now().blocks()).isGreaterThanOrEqualTo(before.blocks() + STEPS);
        }
        for (var tensor : kept) {
            tensor.close();
        }
    }
}
