package io.lavis4j.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Whole numbers that a device is to have, any number of lists and tables in one copy; plain Java until {@link #to}.
 *
 * <p>To a GPU they are copied from pinned memory, and the host does not wait: the copy has its place in the current
 * stream, before everything that is computed there later. libtorch's allocator of pinned memory owns the block and
 * notes that the copy reads it, so a tensor that is freed at once is lent to nobody before the copy has ended.
 */
public final class Upload {

    static {
        Libtorch.load();
    }

    private final List<long[]> values = new ArrayList<>();
    private final List<long[]> shapes = new ArrayList<>();

    /** Adds numbers, to be (numbers.length). */
    public Upload add(long[] numbers) {
        return add(numbers, numbers.length);
    }

    /** Adds rows, to be (rows, columns). */
    public Upload add(long[][] rows) {
        int columns = rows.length == 0 ? 0 : rows[0].length;
        long[] flat = new long[rows.length * columns];
        for (int i = 0; i < rows.length; i++) {
            if (rows[i].length != columns) {
                throw new IllegalArgumentException(
                        "expected rows of %d numbers, row %d has %d".formatted(columns, i, rows[i].length));
            }
            System.arraycopy(rows[i], 0, flat, i * columns, columns);
        }
        return add(flat, rows.length, columns);
    }

    private Upload add(long[] numbers, long... shape) {
        values.add(numbers);
        shapes.add(shape);
        return this;
    }

    /** What was added, in its order, int64, on {@code device}: parts of one tensor. */
    public List<Tensor> to(Device device) {
        int count = values.stream().mapToInt(part -> part.length).sum();
        var all = copy(device, ScalarType.Long, count, host -> {
            var memory = host.data_ptr_long();
            for (long[] part : values) {
                memory.put(part, 0, part.length).position(memory.position() + part.length);
            }
        });
        var tensors = new ArrayList<Tensor>(values.size());
        long start = 0;
        for (int i = 0; i < values.size(); i++) {
            int length = values.get(i).length;
            tensors.add(all.narrow(0, start, length).view(shapes.get(i)));
            start += length;
        }
        return tensors;
    }

    /**
     * A tensor on a device with what is written to memory of the host, as {@link #to}.
     *
     * @param write fills a tensor (count)
     * @return (count)
     */
    static Tensor copy(Device device, ScalarType dtype, int count, Consumer<Tensor> write) {
        return Scopes.keep(() -> {
            var options = new TensorOptions(dtype).pinned_memory(new BoolOptional(device.is_cuda()));
            var host = torch.empty(new long[] {count}, options, null);
            if (count > 0) {
                write.accept(host);
            }
            return host.to(device, dtype, true, false, null);
        });
    }
}
