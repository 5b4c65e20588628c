package io.lavis4j.features;

import io.lavis4j.tensor.Scopes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Rows in memory outside of Java's heap. */
final class MemoryStore implements FeatureStore {

    private static final int BLOCK = 1 << 26;

    private final int bytes;
    private final List<Tensor> blocks = new ArrayList<>();
    private final List<ByteBuffer> free = new ArrayList<>();
    private final Map<Fingerprint, ByteBuffer> rows = new ConcurrentHashMap<>();

    /** @param bytes of a row */
    MemoryStore(int bytes) {
        this.bytes = bytes;
    }

    @Override
    public int size() {
        return rows.size();
    }

    @Override
    public boolean read(Fingerprint key, ByteBuffer place) {
        var row = rows.get(key);
        if (row == null) {
            return false;
        }
        place.duplicate().put(row.duplicate());
        return true;
    }

    @Override
    public synchronized void write(Fingerprint key, ByteBuffer row) {
        if (rows.containsKey(key)) {
            return;
        }
        if (free.isEmpty()) {
            long count = Math.max(1, BLOCK / bytes);
            var block = Scopes.retained(
                    () -> torch.empty(new long[] {count, bytes}, new TensorOptions(ScalarType.Byte), null));
            blocks.add(block);
            free.addAll(HostBytes.pieces(block, bytes));
        }
        var kept = free.remove(free.size() - 1);
        kept.duplicate().put(row.duplicate());
        rows.put(key, kept);
    }

    @Override
    public void close() {
        rows.clear();
        free.clear();
        blocks.forEach(Tensor::close);
        blocks.clear();
    }
}
