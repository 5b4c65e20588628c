package io.lavis4j.nn;

import static org.bytedeco.pytorch.global.torch.empty;

import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Keys and values of earlier tokens, a pair (R, H, len, d) per layer; owns them.
 *
 * <p>The first tokens are kept as they come. Later ones are written into memory with room to spare, unless gradients
 * are needed: then they are joined.
 */
public final class KeyValueCache implements AutoCloseable {

    /**
     * Further steps that a full buffer gets room for, at least; a long one grows by half, so that it is seldom moved.
     */
    private static final long GROWTH = 32;

    /**
     * One layer's pair.
     *
     * @param key (R, H, len, d)
     * @param value (R, H, len, d)
     */
    public record Pair(Tensor key, Tensor value) {}

    private final List<Buffer> keys = new ArrayList<>();
    private final List<Buffer> values = new ArrayList<>();

    /** Tokens kept of each row, the same in every layer between two steps. */
    public long length() {
        return keys.isEmpty() ? 0 : keys.get(0).length;
    }

    /** The pair of a layer; valid until the next change. */
    public Pair layer(int index) {
        return new Pair(keys.get(index).written(), values.get(index).written());
    }

    /**
     * Appends new tokens to a layer; a layer not seen before must be the next one.
     *
     * @param key (R, H, new, d)
     * @param value (R, H, new, d)
     * @return all tokens, (R, H, len + new, d)
     */
    public Pair append(int layer, Tensor key, Tensor value) {
        if (layer == keys.size()) {
            keys.add(new Buffer(key));
            values.add(new Buffer(value));
        } else {
            keys.get(layer).append(key);
            values.get(layer).append(value);
        }
        return layer(layer);
    }

    @Override
    public void close() {
        keys.forEach(buffer -> buffer.tensor.close());
        values.forEach(buffer -> buffer.tensor.close());
        keys.clear();
        values.clear();
    }

    /** Keys or values of one layer, (R, H, capacity, d), of which {@code length} tokens are written. */
    private static final class Buffer {

        private Tensor tensor;
        private long length;
        private boolean own; // not the caller's memory

        Buffer(Tensor first) {
            tensor = Scopes.retained(() -> new Tensor(first));
            length = first.size(2);
        }

        Tensor written() {
            return length == tensor.size(2) ? tensor : tensor.narrow(2, 0, length); // (R, H, len, d)
        }

        void append(Tensor added) {
            long count = added.size(2), all = length + count;
            if (tensor.requires_grad() || added.requires_grad()) {
                replace(Scopes.retained(() -> Tensors.cat(2, written(), added)));
            } else {
                if (!own || all > tensor.size(2)) {
                    grow(length + Math.max(GROWTH * count, length / 2));
                }
                tensor.narrow(2, length, count).copy_(added);
            }
            length = all;
        }

        private void grow(long capacity) {
            long[] shape = {tensor.size(0), tensor.size(1), capacity, tensor.size(3)};
            var room =
                    Scopes.retained(() -> empty(shape, Tensors.options(tensor.device(), Tensors.dtype(tensor)), null));
            room.narrow(2, 0, length).copy_(written());
            replace(room);
            own = true;
        }

        private void replace(Tensor other) {
            tensor.close();
            tensor = other;
        }
    }
}
