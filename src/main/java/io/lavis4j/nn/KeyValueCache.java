package io.lavis4j.nn;

import static org.bytedeco.pytorch.global.torch.cat;

import io.lavis4j.tensor.Scopes;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/** Keys and values of earlier rows, a pair (B, H, len, d) per layer; owns them. */
public final class KeyValueCache implements AutoCloseable {

    /**
     * One layer's pair.
     *
     * @param key (B, H, len, d)
     * @param value (B, H, len, d)
     */
    public record Pair(Tensor key, Tensor value) {}

    private final List<Pair> layers = new ArrayList<>();

    /** Rows kept, the same in every layer. */
    public long length() {
        return layers.isEmpty() ? 0 : layers.get(0).key().size(2);
    }

    /** The pair of a layer. */
    public Pair layer(int index) {
        return layers.get(index);
    }

    /** Number of layers. */
    public int size() {
        return layers.size();
    }

    /**
     * Appends new rows to a layer; a layer not seen before must be the next one.
     *
     * @param key (B, H, new, d)
     * @param value (B, H, new, d)
     * @return all rows, (B, H, len + new, d)
     */
    public Pair append(int layer, Tensor key, Tensor value) {
        if (layer == layers.size()) {
            layers.add(new Pair(Scopes.retained(() -> new Tensor(key)), Scopes.retained(() -> new Tensor(value))));
        } else {
            var old = layers.get(layer);
            layers.set(layer, new Pair(join(old.key(), key), join(old.value(), value)));
            old.key().close();
            old.value().close();
        }
        return layers.get(layer);
    }

    /**
     * Makes row i what row {@code rows[i]} has been.
     *
     * @param rows int64; more or fewer than there are now
     */
    public void select(Tensor rows) {
        layers.replaceAll(old -> {
            var moved = new Pair(
                    Scopes.retained(() -> old.key().index_select(0, rows)),
                    Scopes.retained(() -> old.value().index_select(0, rows)));
            old.key().close();
            old.value().close();
            return moved;
        });
    }

    private static Tensor join(Tensor old, Tensor added) {
        return Scopes.retained(() -> cat(new TensorVector(old, added), 2));
    }

    @Override
    public void close() {
        for (var pair : layers) {
            pair.key().close();
            pair.value().close();
        }
        layers.clear();
    }
}
