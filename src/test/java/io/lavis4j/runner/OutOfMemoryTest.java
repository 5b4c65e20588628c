package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchRuntimeException;

import io.lavis4j.config.Configuration;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Tensors;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.TensorTensorHook;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class OutOfMemoryTest {

    private static final boolean GPU = true;
    private static final String OF_A_GPU = """
            CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 23.44 GiB
            Exception raised from malloc at CUDACachingAllocator.cpp:1""";
    private static final Map<String, Object> RUN = Map.of("batch_size_train", 8, "batch_size_eval", 4, "num_beams", 5);

    private static OutOfMemory with(boolean gpu, Map<String, Object> run, Map<String, Object> model) {
        return new OutOfMemory(Configuration.of(Map.of("run", run, "model", model)), gpu);
    }

    /** No machine has so much: libtorch's own error. */
    private static Tensor tooLarge() {
        return torch.empty(new long[] {1L << 52}, Tensors.options(Devices.cpu(), ScalarType.Float), null);
    }

    private static final class Recomputing extends TensorTensorHook {

        @Override
        public TensorBase call(TensorBase gradient) {
            return tooLarge();
        }
    }

    @Test
    void aTrainedEncoderIsRecomputedOrFrozen() {
        var cause = new RuntimeException(OF_A_GPU);
        var model = Map.<String, Object>of("freeze_vit", false, "use_grad_checkpoint", false, "vit_precision", "fp32");
        assertThat(with(GPU, RUN, model).inTraining(cause))
                .isInstanceOf(IllegalStateException.class)
                .hasCause(cause)
                .hasMessage("the device has not enough memory for a training step, when 20.00 MiB more were asked for:"
                        + " lower run.batch_size_train and raise run.accum_grad_iters, or set"
                        + " model.use_grad_checkpoint=True, or set model.freeze_vit=True, or set run.amp=True, or see what"
                        + " fits with the command estimate. Now run.batch_size_train=8, model.freeze_vit=false,"
                        + " model.use_grad_checkpoint=false, model.vit_precision=fp32 (CUDA out of memory. Tried to"
                        + " allocate 20.00 MiB. GPU 0 has a total capacity of 23.44 GiB)");
    }

    @Test
    void productsThatAreKeptAreRecomputedToo() {
        var model = Map.<String, Object>of(
                "freeze_vit", false, "use_grad_checkpoint", true, "recompute_granularity", "selective");
        assertThat(with(GPU, RUN, model).inTraining(new RuntimeException(OF_A_GPU)))
                .hasMessageContaining("or set model.recompute_granularity=full, or set model.freeze_vit=True")
                .hasMessageContaining("model.recompute_granularity=selective (");
    }

    @Test
    void aFrozenEncoderIsHalvedWhereItCanBe() {
        var single = Map.<String, Object>of("freeze_vit", true, "vit_precision", "fp32");
        var error = new RuntimeException(OF_A_GPU);
        assertThat(with(GPU, RUN, single).inTraining(error))
                .hasMessageContaining("set model.vit_precision=fp16")
                .hasMessageNotContaining("freeze_vit=True");
        assertThat(with(GPU, RUN, Map.of("freeze_vit", true)).inTraining(error)).hasMessageNotContaining("fp16");
    }

    @Test
    void onACpuItIsHalvedInBf16() {
        var error = new RuntimeException("DefaultCPUAllocator: can't allocate memory: you tried to allocate 64 bytes.");
        for (String stored : List.of("fp16", "fp32")) {
            assertThat(with(!GPU, RUN, Map.of("freeze_vit", true, "vit_precision", stored))
                            .inTraining(error))
                    .hasMessageContaining("when 64 bytes more were asked for")
                    .hasMessageContaining(
                            "set model.vit_precision=bf16, as a CPU stores fp16 in fp32, or set run.amp=True");
        }
        assertThat(with(!GPU, RUN, Map.of("freeze_vit", true, "vit_precision", "bf16"))
                        .inTraining(error))
                .hasMessageNotContaining("set model.vit_precision");
    }

    @Test
    void mixedPrecisionIsNamedAsItIs() {
        var run = Map.<String, Object>of("batch_size_train", 8, "amp", true, "amp_dtype", "bf16");
        assertThat(with(GPU, run, Map.of()).inTraining(new RuntimeException(OF_A_GPU)))
                .hasMessageContaining("Now run.batch_size_train=8, run.amp=true, run.amp_dtype=bf16 (")
                .hasMessageNotContaining("set run.amp");
    }

    @Test
    void aBatchOfOneIsNotMadeSmaller() {
        var one = Map.<String, Object>of("batch_size_train", 1, "accum_grad_iters", 4);
        assertThat(with(GPU, one, Map.of("freeze_vit", true)).inTraining(new RuntimeException(OF_A_GPU)))
                .hasMessageContaining(
                        "asked for: set run.amp=True, or see what fits with the command estimate. Now run.batch_size_train=1,"
                                + " run.accum_grad_iters=4, model.freeze_vit=true (");
    }

    @Test
    void evaluationHasSettingsOfItsOwn() {
        assertThat(with(GPU, RUN, Map.of("freeze_vit", true)).inEvaluation(new RuntimeException(OF_A_GPU)))
                .hasMessageStartingWith(
                        "the device has not enough memory for a batch of evaluation, when 20.00 MiB more"
                                + " were asked for: lower run.batch_size_eval or run.num_beams, or")
                .hasMessageContaining("Now run.batch_size_eval=4, run.num_beams=5, model.freeze_vit=true (");
    }

    @Test
    void libtorchsErrorsAreKnownFromWhereverTheyCome() {
        var plain = catchRuntimeException(OutOfMemoryTest::tooLarge);
        var hooked = catchRuntimeException(() -> {
            try (var scope = new PointerScope();
                    var hook = new Recomputing()) {
                var x = torch.ones(2).requires_grad_(true);
                var y = x.alias();
                y.register_hook(hook);
                y.sum().backward();
            }
        });
        for (var error : new RuntimeException[] {plain, hooked}) {
            assertThat(with(GPU, RUN, Map.of()).inTraining(error))
                    .isNotSameAs(error)
                    .hasMessageContaining("when 18014398509481984 bytes more were asked for");
        }
    }

    @Test
    void errorsOfLibrariesWithoutAnAmountAreKnownToo() {
        var error = new RuntimeException("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`");
        assertThat(with(GPU, RUN, Map.of()).inTraining(error))
                .hasMessageStartingWith("the device has not enough memory for a training step: lower");
    }

    @Test
    void otherErrorsStayWhatTheyAre() {
        var other = new IllegalStateException("the loss became NaN");
        assertThat(with(GPU, RUN, Map.of()).inTraining(other)).isSameAs(other);
        assertThat(with(GPU, RUN, Map.of()).inEvaluation(new RuntimeException((String) null)))
                .hasMessage(null);
    }
}
