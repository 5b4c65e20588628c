package io.lavis4j.caption;

import io.lavis4j.processor.PixelBuffer;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Memory for a number of images, which are written by other threads; made and freed by one. */
final class PixelSlots implements AutoCloseable {

    private final Tensor memory; // (slots, 3, S, S)
    private final List<PixelBuffer> places = new ArrayList<>();
    private final Deque<Integer> free = new ArrayDeque<>();

    /** @param imageSize S, pixels */
    PixelSlots(long count, int imageSize) {
        long S = imageSize;
        memory = Scopes.retained(() -> {
            var tensor =
                    torch.empty(new long[] {count, 3, S, S}, Tensors.options(Devices.cpu(), ScalarType.Float), null);
            places.addAll(PixelBuffer.places(tensor));
            return tensor;
        });
        for (int slot = 0; slot < count; slot++) {
            free.add(slot);
        }
    }

    /** One that nobody uses; there must be one. */
    int take() {
        return free.remove();
    }

    void release(int slot) {
        free.add(slot);
    }

    /** The memory of one. */
    PixelBuffer place(int slot) {
        return places.get(slot).duplicate();
    }

    /** A copy of B of them, (B, 3, S, S), in the enclosing scope. */
    Tensor batch(long[] slots) {
        return Scopes.keep(() -> memory.index_select(0, Tensors.of(slots, Devices.cpu())));
    }

    @Override
    public void close() {
        memory.close();
    }
}
