package io.lavis4j.bench;

import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Libtorch;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.BenchmarkParams;

/** The parameters that all benchmarks share, and what follows from them alone. */
@State(Scope.Thread)
public class Setting {

    /** A {@link Size} by name. */
    @Param("small")
    String size = "";

    /** Side of the images; 0 for the size's own. */
    @Param("0")
    int pixels;

    /** Samples per operation, B. */
    @Param("4")
    int batch;

    /**
     * Storage of the matrices of ViT, Q-Former and language models, a {@link Precision} by name, in which a GPU
     * computes; what BLIP-2 trains stays fp32.
     */
    @Param({"fp32", "bf16"})
    String dtype = "";

    /** Threads of libtorch on CPU; 0 for as many as it takes by itself. */
    @Param("0")
    int threads;

    /** A device by its name, see {@link Devices#of}. */
    @Param("cpu")
    String device = "";

    /** The setting of a benchmark that JMH is about to run or has run; of those without one the threads. */
    static Setting of(BenchmarkParams params) {
        var setting = new Setting();
        setting.threads = Integer.parseInt(params.getParam("threads"));
        if (params.getParamsKeys().contains("size")) {
            setting.size = params.getParam("size");
            setting.pixels = Integer.parseInt(params.getParam("pixels"));
            setting.batch = Integer.parseInt(params.getParam("batch"));
            setting.dtype = params.getParam("dtype");
            setting.device = params.getParam("device");
        } else {
            setting.size = "base";
            setting.dtype = "fp32";
            setting.device = "cpu";
        }
        return setting;
    }

    /** Sets the seed, and libtorch's threads for the calling thread. */
    @Setup
    public void apply() {
        Libtorch.load();
        if (threads > 0) {
            Libtorch.threads(threads);
        }
        RandomState.seed(42);
    }

    /** The number of threads that {@link #threads} asks for. */
    int actualThreads() {
        return threads > 0 ? threads : Libtorch.threads();
    }

    Size shapes() {
        return pixels == 0 ? Size.of(size) : Size.of(size).seeing(pixels);
    }

    Device target() {
        return Devices.of(device);
    }

    Precision precision() {
        return Precision.of(dtype).on(target());
    }

    /** Normal numbers on the device, float32; the caller closes them. */
    Tensor random(long... shape) {
        return Scopes.retained(() -> torch.randn(shape, Tensors.options(target(), ScalarType.Float)));
    }

    /** Waits until the tensor's device has done what it was given. */
    static void await(Tensor tensor) {
        if (tensor.is_cuda()) {
            torch.cuda_synchronize(tensor.device().index());
        }
    }
}
