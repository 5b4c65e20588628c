package io.lavis4j.distributed;

import java.time.Duration;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.Backend;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.global.torch_nccl;
import org.bytedeco.pytorch.nccl.ProcessGroupNCCL;

/** NCCL's part of c10d, which is in the bindings' natives for CUDA alone. */
final class Nccl {

    private Nccl() {}

    /**
     * The backend of GPUs; they connect in the first collective.
     *
     * @param store that it takes over
     * @throws IllegalStateException if the bindings have none
     */
    static Backend backend(Store store, Rendezvous rendezvous, Duration timeout) {
        try {
            Loader.load(torch_nccl.class);
        } catch (UnsatisfiedLinkError e) {
            throw new IllegalStateException(
                    ("NCCL cannot be loaded (%s); several processes on GPUs need the bindings' natives for CUDA, classifier"
                                    + " linux-x86_64-gpu, which the profiles cuda and cuda-redist take, or run.dist_backend=gloo,"
                                    + " which is slower")
                            .formatted(e.getMessage()),
                    e);
        }
        var options = ProcessGroupNCCL.Options.create();
        options.timeout(new Milliseconds(timeout.toMillis()));
        return new ProcessGroupNCCL(store, rendezvous.rank(), rendezvous.world(), options);
    }
}
