package io.lavis4j.dataset;

import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.cuda.CUDAStreamGuard;
import org.bytedeco.pytorch.global.torch_cuda;

/** The way of a batch's images from the host to the device. */
interface DeviceCopy extends AutoCloseable {

    /** Whether the host's memory should be pinned. */
    boolean pinned();

    /** Begins the copy; the result, {@link Scopes#retained}, takes the place of {@code host}, which is closed. */
    Tensor start(Tensor host);

    /** Makes a begun copy usable by what the caller computes next. */
    void await(Tensor copied);

    @Override
    void close();

    /** On a CPU the batch stays where it was loaded; to a GPU it is copied beside the computation. */
    static DeviceCopy to(Device device) {
        return device.is_cuda() ? new OnSideStream(device) : new InPlace();
    }

    /** No copy. */
    record InPlace() implements DeviceCopy {

        @Override
        public boolean pinned() {
            return false;
        }

        @Override
        public Tensor start(Tensor host) {
            return host;
        }

        @Override
        public void await(Tensor copied) {}

        @Override
        public void close() {}
    }

    /** LAVIS's PrefetchLoader: a stream of its own copies one batch while another one is computed with. */
    final class OnSideStream implements DeviceCopy {

        private final Device device;
        private final Stream side;

        OnSideStream(Device device) {
            this.device = device;
            try (var scope = new PointerScope()) {
                side = torch_cuda
                        .getStreamFromPool(false, device.index())
                        .unwrap()
                        .retainReference();
            }
        }

        @Override
        public boolean pinned() {
            return true;
        }

        @Override
        public Tensor start(Tensor host) {
            try (var guard = new CUDAStreamGuard(side)) { // brings the caller's stream back
                return Scopes.retained(() -> host.to(device, Tensors.dtype(host), true, false, null));
            } finally {
                host.close(); // libtorch keeps pinned memory until the copy has ended
            }
        }

        /** Waits for the side stream, which has had a whole step's time, and ties the memory to the caller's stream. */
        @Override
        public void await(Tensor copied) {
            try (var scope = new PointerScope()) {
                side.synchronize();
                copied.record_stream(
                        torch_cuda.getCurrentCUDAStream(device.index()).unwrap());
            }
        }

        @Override
        public void close() {
            side.close();
        }
    }
}
