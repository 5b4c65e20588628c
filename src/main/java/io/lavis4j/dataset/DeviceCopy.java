package io.lavis4j.dataset;

import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceGuardImplInterface;
import org.bytedeco.pytorch.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.EventFlag;

/** The way of a batch's images from the host to the device. */
interface DeviceCopy extends AutoCloseable {

    /** Whether the host's memory should be pinned. */
    boolean pinned();

    /** Begins the copy; the result, {@link Scopes#retained}, takes the place of {@code host}, which is closed. */
    Tensor start(Tensor host);

    /** Makes a begun copy usable by what the caller computes next; the host does not wait. */
    void await(Tensor batch);

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
        public void await(Tensor batch) {}

        @Override
        public void close() {}
    }

    /**
     * LAVIS's PrefetchLoader: a stream of its own copies one batch while another one is computed with, and the host
     * waits for nothing.
     *
     * <p>Three things must not be overtaken. The host's memory is pinned, so libtorch's allocator knows that the copy
     * reads it and lends it to nobody before that has ended, though the tensor is closed at once. The computation's
     * stream waits for an event that follows the copy, before anything that is computed later. And the device's memory
     * is tied to the computation's stream, so that a batch that is closed gives way to another copy only after what was
     * computed from it.
     *
     * <p>Streams and events are those of libtorch's device guard, which the natives for a CPU have, too: what computes
     * on a GPU is libtorch's own library alone.
     */
    final class OnSideStream implements DeviceCopy {

        private final Device device;
        private final DeviceGuardImplInterface cuda;
        private final Stream side;
        private final PointerPointer<Pointer> copied; // an event, made when first recorded

        OnSideStream(Device device) {
            this.device = device;
            try (var scope = new PointerScope()) {
                cuda = torch.getDeviceGuardImpl(DeviceType.CUDA);
                side = cuda.getStreamFromGlobalPool(device).retainReference();
                copied = new PointerPointer<>(1).put(0, (Pointer) null).retainReference();
            }
        }

        @Override
        public boolean pinned() {
            return true;
        }

        @Override
        public Tensor start(Tensor host) {
            try (var scope = new PointerScope()) {
                var computing = cuda.exchangeStream(side);
                try {
                    return Scopes.retained(() -> host.to(device, Tensors.dtype(host), true, false, null));
                } finally {
                    cuda.record(copied, side, device.index(), EventFlag.PYTORCH_DEFAULT);
                    cuda.exchangeStream(computing);
                }
            } finally {
                host.close();
            }
        }

        @Override
        public void await(Tensor batch) {
            try (var scope = new PointerScope()) {
                var computing = cuda.getStream(device);
                cuda.block(copied.get(0), computing);
                batch.record_stream(computing);
            }
        }

        @Override
        public void close() {
            cuda.destroyEvent(copied.get(0), device.index());
            copied.close();
            side.close();
        }
    }
}
