package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchRuntimeException;

import io.lavis4j.config.Configuration;
import io.lavis4j.fakecuda.DeviceModel;
import io.lavis4j.fakecuda.FakeCuda;
import io.lavis4j.fakecuda.OnFakeCuda;
import io.lavis4j.fakecuda.Trace;
import io.lavis4j.model.TrainableModel;
import io.lavis4j.task.RunListener;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.GradientCheckpoint.Mode;
import io.lavis4j.tensor.Tensors;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole runs on a GPU: how often the host waits in a step, and what is said where memory ends. */
@OnFakeCuda
class RunsOnCudaTest {

    private static final RunListener SILENT = new RunListener() {
        @Override
        public void step(Progress progress) {}

        @Override
        public void end(Progress progress) {}
    };
    private static final int SAMPLES = 64;
    private static final long LATE = 3; // blocks that the device's thread frees after backward has returned

    @TempDir
    private Path outputs = Path.of("");

    private final Deque<Tensor> held = new ArrayDeque<>();

    @AfterEach
    void giveTheMemoryBack() {
        held.forEach(Tensor::close);
        FakeCuda.limitMemory(0, FakeCuda.MEMORY);
    }

    private JobConfig config(String... more) {
        var options = new ArrayList<>(List.of(
                "data_root=src/test/resources/sherlock_mini",
                "run.output_dir=" + outputs,
                "run.device=cuda",
                "run.max_epoch=1",
                "run.log_freq=1000",
                "run.valid_splits=[]"));
        options.addAll(List.of(more));
        return JobConfig.read(Configuration.load("finetune/caption_sherlock_mini.yaml", options, name -> null));
    }

    private Trace traced(String... options) {
        try (var job = Job.open(config(options))) {
            return FakeCuda.trace(() -> job.train(SILENT));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "model.freeze_vit=True",
                "model.freeze_vit=False",
                "run.grad_norm_clip=1",
                "run.device=cuda:1",
                "run.amp=True",
                "run.accum_normalization=tokens",
                "run.on_non_finite=skip"
            })
    void theHostDoesNotWaitInAStepWhoseLossIsNotRead(String option) {
        var few = traced(option, "run.batch_size_train=8");
        var many = traced(option, "run.batch_size_train=4");
        int steps = SAMPLES / 4 - SAMPLES / 8;
        assertThat(many.kernels("")).isGreaterThan(few.kernels(""));
        assertThat(many.hostWaits().size() - few.hostWaits().size())
                .as("waits of %d more steps", steps)
                .isZero();
        assertThat(many.pageableCopies().size() - few.pageableCopies().size())
                .as("pageable copies of %d more steps", steps)
                .isZero();
    }

    @Test
    void aRunKeepsNoBlockOfItsSteps() {
        try (var job = Job.open(config("run.batch_size_train=4"))) {
            long before = FakeCuda.blocks();
            job.train(SILENT);
            assertThat(FakeCuda.blocks())
                    .as("blocks after %d steps", SAMPLES / 4)
                    .isBetween(before - LATE, before + LATE);
        }
    }

    @Test
    void eachReadingOfTheLossIsOneWait() {
        var rarely = traced("run.batch_size_train=4");
        var always = traced("run.batch_size_train=4", "run.log_freq=1");
        int readings = SAMPLES / 4 - 1; // the last step is read in any case
        assertThat(always.hostWaits().size() - rarely.hostWaits().size()).isEqualTo(readings);
    }

    @Test
    void aRunThatFindsNoMemorySaysWhatHelps() {
        try (var job = Job.open(config("run.batch_size_train=32"))) {
            FakeCuda.limitMemory(0, FakeCuda.usedMemory(0));
            assertThatThrownBy(() -> job.train(SILENT))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("not enough memory for a training step")
                    .hasMessageContaining("run.batch_size_train=32");
        }
    }

    /** Takes all memory of the device that is not in use, down to the smallest block. */
    private void takeAllMemory() {
        FakeCuda.limitMemory(0, FakeCuda.usedMemory(0));
        var cuda = Devices.of("cuda:0");
        for (int bytes = 16 << 20; bytes >= 512; bytes /= 2) {
            try {
                while (true) {
                    held.push(torch.empty(new long[] {bytes}, Tensors.options(cuda, ScalarType.Byte), null)
                            .retainReference());
                }
            } catch (RuntimeException e) {
                assertThat(e).hasMessageContaining("out of memory");
            }
        }
    }

    private enum Phase {
        FORWARD,
        RECOMPUTATION,
        OPTIMIZER
    }

    @ParameterizedTest
    @EnumSource(Phase.class)
    void memoryMayEndInEveryPhaseOfAStep(Phase phase) {
        try (var model = DeviceModel.small("blip2_opt", "cuda:0");
                var blocks = new GradientCheckpoint(Mode.HOOKS);
                var scope = new PointerScope()) {
            model.train(true, blocks);
            var prepared = model.as(TrainableModel.class).prepare(DeviceModel.texts());
            var images = model.images(DeviceModel.BATCH);
            var error = catchRuntimeException(() -> {
                takeAllMemoryAt(Phase.FORWARD, phase);
                var loss = model.forward(prepared, images);
                takeAllMemoryAt(Phase.RECOMPUTATION, phase);
                model.backward(loss);
                takeAllMemoryAt(Phase.OPTIMIZER, phase);
                model.update();
            });
            var settings = Configuration.of(Map.of("run", Map.of("batch_size_train", 3), "model", Map.of()));
            assertThat(new OutOfMemory(settings, true).inTraining(error))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("more were asked for")
                    .hasMessageContaining("lower run.batch_size_train");
        }
    }

    private void takeAllMemoryAt(Phase here, Phase phase) {
        if (here == phase) {
            takeAllMemory();
        }
    }
}
