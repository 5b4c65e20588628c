package io.lavis4j.checkpoint;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The memory that a tree's tensors reach, as runs that no two tensors overlap in part: tensors that share elements are
 * in the same run. A view of a few elements of a large storage, such as a mapped file, reaches only those.
 */
final class StorageLayout {

    /** Consecutive elements of one storage. */
    static final class Run {
        final ElementType type;
        private final Tensor any;
        private final long start;
        private long end;
        private int index = -1;

        private Run(Reach first) {
            this.type = first.type;
            this.any = first.tensor;
            this.start = first.start;
            this.end = first.end;
        }

        /** Place among {@link #runs()}. */
        int index() {
            return index;
        }

        long count() {
            return end - start;
        }

        /** The elements in one dimension on the CPU; a view unless they are on another device. */
        Tensor elements() {
            return any.detach()
                    .as_strided(new long[] {count()}, new long[] {1}, new LongOptional(start))
                    .cpu();
        }
    }

    /** Elements {@code start} to {@code end} of its storage that a tensor touches. */
    private record Reach(Tensor tensor, ElementType type, long start, long end) {
        long startByte() {
            return start * type.bytes;
        }
    }

    private final IdentityHashMap<Tensor, Run> runOf = new IdentityHashMap<>();
    private final List<Run> runs = new ArrayList<>();

    /**
     * @throws IllegalArgumentException for a negative view, or a tensor that has no strides or a dtype that files
     *     cannot hold
     */
    StorageLayout(@Nullable Object tree) {
        var seen = new IdentityHashMap<Tensor, Boolean>();
        var tensors = new ArrayList<Tensor>();
        Trees.visit(tree, tensor -> {
            if (seen.put(tensor, true) == null) {
                tensors.add(tensor);
            }
        });
        var byStorage = new LinkedHashMap<Long, List<Reach>>();
        try (var scope = new PointerScope()) {
            for (var tensor : tensors) {
                if (!tensor.has_storage()) {
                    throw new IllegalArgumentException("a sparse tensor cannot be stored in a checkpoint");
                }
                if (tensor.is_neg()) {
                    throw new IllegalArgumentException(
                            "a negative view cannot be stored in a checkpoint; store its resolve_neg()");
                }
                long storage = tensor.storage().unsafeGetStorageImpl().address();
                byStorage.computeIfAbsent(storage, s -> new ArrayList<>()).add(reach(tensor));
            }
        }
        byStorage.values().forEach(this::merge);
        for (var tensor : tensors) { // runs are numbered in the order of the tree, not of memory
            var run = runOf(tensor);
            if (run.index < 0) {
                run.index = runs.size();
                runs.add(run);
            }
        }
    }

    List<Run> runs() {
        return runs;
    }

    Run runOf(Tensor tensor) {
        return Objects.requireNonNull(runOf.get(tensor), "a tensor of the tree");
    }

    /** The place of the tensor's first element in its run. */
    long offset(Tensor tensor) {
        return tensor.numel() == 0 ? 0 : tensor.storage_offset() - runOf(tensor).start;
    }

    private static Reach reach(Tensor tensor) {
        var shape = Arrays.stream(tensor.shape()).boxed().toList();
        long start = tensor.storage_offset();
        long extent = Shapes.extent(shape, strides(tensor));
        return new Reach(tensor, ElementType.of(tensor.scalar_type()), start, start + extent);
    }

    static List<Long> strides(Tensor tensor) {
        return Arrays.stream(tensor.strides().vec().get()).boxed().toList();
    }

    private void merge(List<Reach> sameStorage) {
        var sorted = new ArrayList<>(sameStorage);
        sorted.sort(Comparator.comparingLong(Reach::startByte));
        Run last = null;
        for (var reach : sorted) {
            boolean empty = reach.start == reach.end;
            boolean overlaps = last != null && reach.startByte() < last.end * last.type.bytes;
            if (empty || last == null || !overlaps) {
                var run = new Run(reach);
                runOf.put(reach.tensor, run);
                last = empty ? last : run;
            } else if (last.type == reach.type) {
                last.end = Math.max(last.end, reach.end);
                runOf.put(reach.tensor, last);
            } else {
                throw new IllegalArgumentException("two tensors view the same memory as %s and %s; clone one of them"
                        .formatted(last.type.python, reach.type.python));
            }
        }
    }
}
