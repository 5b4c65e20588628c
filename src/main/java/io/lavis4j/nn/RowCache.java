package io.lavis4j.nn;

import static org.bytedeco.pytorch.global.torch.empty;

import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Keys and values of rows that are being generated, a pair (R, H, len, d) per layer; owns them.
 *
 * <p>Where {@link KeyValueCache} joins tensors that may need gradients, this writes into memory with room to spare, and
 * rows can change places.
 */
public final class RowCache implements AutoCloseable {

    /** Tokens that a full buffer gets room for. */
    private static final long GROWTH = 32;

    private final List<Layer> layers = new ArrayList<>();

    /** Tokens kept of each row, the same in every layer between two steps. */
    public long length() {
        return layers.isEmpty() ? 0 : layers.get(0).keys.length;
    }

    /**
     * Appends new tokens to a layer; a layer not seen before must be the next one.
     *
     * @param key (R, H, new, d)
     * @param value (R, H, new, d)
     * @return all tokens, (R, H, len + new, d); valid until the next call
     */
    public KeyValueCache.Pair append(int layer, Tensor key, Tensor value) {
        if (layer == layers.size()) {
            layers.add(new Layer(new Buffer(key), new Buffer(value)));
        }
        var own = layers.get(layer);
        return new KeyValueCache.Pair(own.keys.append(key), own.values.append(value));
    }

    /**
     * Makes row i continue what row {@code rows[i]} has been.
     *
     * @param rows int64; more or fewer than there are now
     */
    public void reorder(Tensor rows) {
        for (var layer : layers) {
            layer.keys.reorder(rows);
            layer.values.reorder(rows);
        }
    }

    @Override
    public void close() {
        for (var layer : layers) {
            layer.keys.close();
            layer.values.close();
        }
        layers.clear();
    }

    private record Layer(Buffer keys, Buffer values) {}

    /** Keys or values of one layer, (R, H, capacity, d), of which {@code length} tokens are written. */
    private static final class Buffer implements AutoCloseable {

        private Tensor tensor;
        private long length;

        /** An empty buffer for tensors like this one. */
        Buffer(Tensor like) {
            tensor = room(like, GROWTH);
        }

        private static Tensor room(Tensor like, long capacity) {
            long[] shape = {like.size(0), like.size(1), capacity, like.size(3)};
            return Scopes.retained(() -> empty(shape, Tensors.options(like.device(), Tensors.dtype(like)), null));
        }

        Tensor append(Tensor added) {
            long count = added.size(2);
            if (length + count > tensor.size(2)) {
                grow(length + Math.max(count, GROWTH));
            }
            tensor.narrow(2, length, count).copy_(added);
            length += count;
            return written();
        }

        private void grow(long capacity) {
            var grown = room(tensor, capacity);
            grown.narrow(2, 0, length).copy_(written());
            tensor.close();
            tensor = grown;
        }

        private Tensor written() {
            return tensor.narrow(2, 0, length); // (R, H, len, d)
        }

        void reorder(Tensor rows) {
            var moved = written().index_select(0, rows);
            if (moved.size(0) != tensor.size(0)) {
                tensor.close();
                tensor = room(moved, length + GROWTH);
            }
            written().copy_(moved);
        }

        @Override
        public void close() {
            tensor.close();
        }
    }
}
