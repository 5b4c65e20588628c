package io.lavis4j.checkpoint;

import io.lavis4j.tensor.Libtorch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Checkpoints of every kind that BLIP-2 models come in: {@code .pth} files new and old, {@code pytorch_model.bin},
 * safetensors, and folders of either, sharded or not.
 */
public final class Checkpoints {

    static {
        Libtorch.load();
    }

    private static final List<String> IN_FOLDER = List.of(
            "model.safetensors.index.json", "model.safetensors", "pytorch_model.bin.index.json", "pytorch_model.bin");

    private Checkpoints() {}

    /**
     * Reads a checkpoint, told by its content. A folder is read through the first of
     * {@code model.safetensors.index.json}, {@code model.safetensors}, {@code pytorch_model.bin.index.json} and
     * {@code pytorch_model.bin} in it.
     *
     * <p>A {@code .pth} file gives the tree that was saved: {@link LinkedHashMap} for dict, {@link OrderedDict},
     * {@link java.util.ArrayList}, {@link Tuple}, {@link java.util.LinkedHashSet}, {@link String}, {@code byte[]},
     * {@link Long} (or {@link java.math.BigInteger} beyond 64 bits), {@link Double}, {@link Boolean}, null, tensors,
     * and {@code ScalarType} for a dtype. Any other Python object is a {@link ForeignObject}, as are sparse, quantised
     * and complex tensors; a negative view is a tensor of its own. Safetensors and shards give a map of names to
     * tensors.
     *
     * @return the tree; its CPU tensors belong to the caller's scope (see the package)
     * @throws CheckpointException if there is no checkpoint, it is damaged, or it is a {@link ForeignObject} as a whole
     */
    public static @Nullable Object read(Path path) {
        try (var file = MappedFile.open(fileOf(path))) {
            var tree = FileFormat.of(file) == FileFormat.JSON ? WeightShards.read(file) : read(file);
            handOver(file, tree);
            return tree;
        }
    }

    /**
     * Reads a checkpoint's tensors: those under its key {@code model}, or all of it if it holds nothing else.
     *
     * @return names to CPU tensors in the order of the file; they belong to the caller's scope (see the package)
     * @throws CheckpointException if the checkpoint cannot be read or its state dict holds anything but tensors
     */
    public static Map<String, Tensor> stateDict(Path path) {
        try (var file = MappedFile.open(fileOf(path))) {
            var tensors = FileFormat.of(file) == FileFormat.JSON ? WeightShards.read(file) : stateDict(file);
            handOver(file, tensors);
            return tensors;
        }
    }

    /** The state dict of a file that must not be an index again. */
    static Map<String, Tensor> shard(Path path) {
        try (var file = MappedFile.open(path)) {
            var tensors = stateDict(file);
            handOver(file, tensors);
            return tensors;
        }
    }

    /**
     * Follows keys (of maps) and indices (of lists and tuples) into a tree.
     *
     * @param keys {@link Integer}s stand for Python's integers
     * @throws IllegalArgumentException if nothing of that type is there; the message says what is
     */
    public static <T> T get(@Nullable Object tree, Class<T> type, Object... keys) {
        var value = tree;
        for (var key : keys) {
            if (value instanceof Map<?, ?> map) {
                value = map.get(key instanceof Integer i ? Long.valueOf(i) : key);
            } else {
                var items = value instanceof Tuple tuple ? tuple.values() : value;
                value = items instanceof List<?> list && key instanceof Integer i && i >= 0 && i < list.size()
                        ? list.get(i)
                        : null;
            }
        }
        if (!type.isInstance(value)) {
            throw new IllegalArgumentException("expected a %s at %s of the checkpoint, got %s"
                    .formatted(type.getSimpleName(), Arrays.toString(keys), describe(value)));
        }
        return type.cast(value);
    }

    /**
     * Writes a tree as {@code torch.load(weights_only=True)} reads it, mapped or not, replacing {@code path} in one
     * step. A tree takes the values that {@link #read} returns except {@link ForeignObject}, and also {@link Integer}
     * and {@link Float}. Maps are written in their iteration order; equal trees give equal files.
     *
     * <p>Of each storage only the parts that tensors of this tree reach are written, each once, so tensors that share
     * memory share it after loading too. Tensors keep shape, strides and {@code requires_grad}, but not the device.
     *
     * @throws CheckpointException if writing fails; what was at {@code path} is then unchanged
     * @throws IllegalArgumentException if the tree holds anything else, is nested too deep, or views memory as two
     *     types
     */
    public static void write(Path path, @Nullable Object tree) {
        TorchWriter.write(path, tree);
    }

    private static @Nullable Object read(MappedFile file) {
        var tree = switch (FileFormat.of(file)) {
            case TORCH_ZIP -> TorchReader.readZip(file);
            case TORCH_LEGACY -> TorchReader.readLegacy(file);
            case SAFETENSORS -> SafeTensors.read(file);
            case JSON -> throw file.bad("expected the tensors of a shard, got JSON");
        };
        if (tree instanceof ForeignObject foreign) {
            throw file.bad("the checkpoint is %s; save its state dict instead", foreign);
        }
        return tree;
    }

    /** Gives each tensor of the tree to the scope that was open when the file was opened. */
    private static void handOver(MappedFile file, @Nullable Object tree) {
        var tensors = Collections.newSetFromMap(new IdentityHashMap<Tensor, Boolean>());
        try {
            Trees.visit(tree, tensors::add);
        } catch (IllegalArgumentException e) {
            throw file.bad("%s", e.getMessage());
        }
        tensors.forEach(file::handOver);
    }

    private static Map<String, Tensor> stateDict(MappedFile file) {
        if (!(read(file) instanceof Map<?, ?> tree)) {
            throw file.bad("expected a dict, got another object; save a state dict instead");
        }
        var model = tree.get("model") instanceof Map<?, ?> map ? map : tree;
        var tensors = new LinkedHashMap<String, Tensor>();
        for (var entry : model.entrySet()) {
            if (!(entry.getKey() instanceof String name) || !(entry.getValue() instanceof Tensor tensor)) {
                throw file.bad(
                        "expected a state dict%s of names to tensors, got %s at %s",
                        model == tree ? " (there is no dict \"model\" in it)" : " under \"model\"",
                        describe(entry.getValue()),
                        entry.getKey());
            }
            tensors.put(name, tensor);
        }
        return tensors;
    }

    private static Path fileOf(Path path) {
        if (!Files.isDirectory(path)) {
            return path;
        }
        return IN_FOLDER.stream()
                .map(path::resolve)
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() -> new CheckpointException(
                        path, "expected a folder with one of %s, found none".formatted(IN_FOLDER)));
    }

    private static String describe(@Nullable Object value) {
        return value == null || value instanceof ForeignObject
                ? String.valueOf(value)
                : "a " + value.getClass().getSimpleName();
    }
}
