package io.lavis4j.checkpoint;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** The fixed table of what PyTorch writes into pickles: tensors over storages, dtypes and Python's containers. */
final class TorchNames implements Unpickler.PythonNames {

    /**
     * A run of bytes of the file.
     *
     * @param offset bytes from the start of the file
     * @param length bytes
     */
    record Place(long offset, long length) {}

    /** Finds a storage's data. */
    interface Places {
        /**
         * Where the bytes of the storage {@code key} are.
         *
         * @param count elements that the pickle says the storage has
         * @return null if places are not known yet; tensors are then not built
         */
        @Nullable
        Place find(String key, ElementType type, long count);
    }

    /** Elements {@code start} to {@code start + count} of the storage at {@code root}. */
    private record Storage(@Nullable Place root, ElementType type, long start, long count) {}

    private record Elements(Place place, ElementType type) {}

    private static final int MAX_DIMENSIONS = 64;
    private static final long MAX_EXPANSION = 1L << 30;
    private static final String FROM_TYPE = "torch._tensor._rebuild_from_type_v2";
    private static final Set<String> NEGATIVE = Set.of("neg"); // the values stand for their negatives
    private static final ForeignObject NOT_BUILT = new ForeignObject("torch.Tensor");

    private final MappedFile file;
    private final Places places;
    private final Map<Elements, Tensor> elements = new HashMap<>();

    TorchNames(MappedFile file, Places places) {
        this.file = file;
        this.places = places;
    }

    @Override
    public Object global(String module, String name) {
        var dtype = module.equals("torch") ? ElementType.ofPython(name) : null;
        return dtype != null ? dtype.scalarType : new ForeignObject(module + "." + name);
    }

    @Override
    public @Nullable Object call(ForeignObject function, List<@Nullable Object> arguments) {
        var a = new Arguments(function.type(), arguments);
        return switch (function.type()) {
            case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor_v3" ->
                arguments.stream()
                        .filter(ForeignObject.class::isInstance)
                        .findFirst()
                        .<Object>map(dtype -> unsupported("of", ((ForeignObject) dtype).type()))
                        .orElseGet(() -> tensor(a));
            case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state" -> parameter(a);
            case FROM_TYPE -> { // a tensor with attributes: the call that makes it without, its type, arguments,
                // attributes
                var inner = a.get(0, ForeignObject.class);
                yield inner.equals(function)
                        ? inner
                        : call(inner, a.get(2, Tuple.class).values());
            }
            case "torch.Size" -> a.get(0, Tuple.class);
            default -> function;
        };
    }

    /** A storage's id: (storage, class, key, device, elements[, (view key, start, elements)]). */
    @Override
    public Object persistent(@Nullable Object id) {
        var a = new Arguments("a storage's id", id instanceof Tuple tuple ? tuple.values() : List.of());
        if (!a.get(0, String.class).equals("storage")) {
            return a.get(1, ForeignObject.class); // ("module", class, source file, source)
        }
        String storageClass = a.get(1, ForeignObject.class).type();
        String simpleName = storageClass.substring(storageClass.lastIndexOf('.') + 1);
        var type = simpleName.equals("UntypedStorage") ? ElementType.U8 : ElementType.ofStorage(simpleName);
        if (type == null) {
            return a.get(1, ForeignObject.class);
        }
        long count = a.natural(4);
        var place = places.find(String.valueOf(a.get(2, Object.class)), type, count);
        if (place != null && place.length() != Shapes.bytes(List.of(count), type)) {
            throw a.bad(
                    "storage %s: expected %d elements of %s, got %d bytes",
                    a.get(2, Object.class), count, type.python, place.length());
        }
        if (a.values.size() > 5 && a.values.get(5) instanceof Tuple view) {
            var v = new Arguments("a storage view", view.values());
            long start = v.natural(1);
            if (start > count || v.natural(2) > count - start) {
                throw v.bad("view of %d + %d elements in a storage of %d", start, v.natural(2), count);
            }
            return new Storage(place, type, start, v.natural(2));
        }
        return new Storage(place, type, 0, count);
    }

    private static Storage retyped(Storage storage, ScalarType dtype) {
        var type = ElementType.of(dtype);
        int factor = storage.type.bytes;
        return new Storage(
                storage.root, type, storage.start * factor / type.bytes, storage.count * factor / type.bytes);
    }

    private static ForeignObject unsupported(String how, Object what) {
        return new ForeignObject("torch.Tensor (%s %s)".formatted(how, what));
    }

    /** Arguments: storage, offset, shape, strides[, requires_grad, hooks[, dtype (in v3 alone)][, state]]. */
    private Object tensor(Arguments a) {
        boolean typed = a.function.endsWith("_v3");
        var stored = a.get(0, Storage.class);
        var storage = typed ? retyped(stored, a.get(6, ScalarType.class)) : stored;
        var state = a.state(typed ? 7 : 6);
        if (!state.isEmpty() && !state.equals(NEGATIVE)) {
            return unsupported("a view with the state", state);
        }
        boolean requiresGrad = a.values.size() > 4 && a.get(4, Boolean.class);
        long offset = a.natural(1);
        var shape = a.naturals(2);
        var strides = a.naturals(3);
        if (shape.size() != strides.size() || shape.size() > MAX_DIMENSIONS) {
            throw a.bad("shape %s with strides %s", shape, strides);
        }
        if (requiresGrad && !storage.type.isFloatingPoint()) {
            throw a.bad("a tensor of %s that requires a gradient", storage.type.python);
        }
        long bytes = Shapes.bytes(shape, storage.type);
        if (bytes < 0 || bytes > file.size + MAX_EXPANSION) {
            throw a.bad("a tensor of shape %s in a file of %d bytes", shape, file.size);
        }
        long extent = Shapes.extent(shape, strides);
        if (extent > 0 && (offset > storage.count || extent > storage.count - offset)) {
            throw a.bad(
                    "a tensor of shape %s, strides %s at offset %d leaves its storage of %d elements",
                    shape, strides, offset, storage.count);
        }
        if (!state.isEmpty() && !storage.type.isSigned()) {
            return unsupported("a negative view of", storage.type.python);
        }
        if (storage.root == null) {
            return NOT_BUILT;
        }
        var base = elements(extent == 0 ? new Place(0, 0) : storage.root, storage.type);
        long start = extent == 0 ? 0 : base.storage_offset() + storage.start + offset;
        var view = base.as_strided(Shapes.toArray(shape), Shapes.toArray(strides), new LongOptional(start));
        return (state.isEmpty() ? view : view.neg()).set_requires_grad(requiresGrad);
    }

    /** All of a storage as a 1-D tensor, the same one for every tensor on it, so that ties survive a copy. */
    private Tensor elements(Place place, ElementType type) {
        return elements.computeIfAbsent(
                new Elements(place, type), e -> file.elements(place.offset, place.length / type.bytes, type));
    }

    /** Arguments: data, requires_grad, hooks[, state]. */
    private static Object parameter(Arguments a) {
        var data = a.get(0, Object.class);
        return data instanceof Tensor tensor ? tensor.detach().set_requires_grad(a.get(1, Boolean.class)) : data;
    }

    /** The arguments of one call, of types that a file may get wrong. */
    private final class Arguments {
        private final String function;
        private final List<@Nullable Object> values;

        Arguments(String function, List<@Nullable Object> values) {
            this.function = function;
            this.values = values;
        }

        <T> T get(int index, Class<T> type) {
            var value = index < values.size() ? values.get(index) : null;
            if (!type.isInstance(value)) {
                throw bad("expected argument %d to be a %s", index, type.getSimpleName());
            }
            return type.cast(value);
        }

        long natural(int index) {
            long value = get(index, Long.class);
            if (value < 0) {
                throw bad("expected argument %d to be at least 0, got %d", index, value);
            }
            return value;
        }

        List<Long> naturals(int index) {
            var a = new Arguments(function, get(index, Tuple.class).values());
            return IntStream.range(0, a.values.size()).mapToObj(a::natural).toList();
        }

        /** The names of the state of a view, if there is any. */
        Set<String> state(int index) {
            var names = new LinkedHashSet<String>();
            if (index < values.size() && values.get(index) != null) {
                Map<?, ?> state = get(index, Map.class);
                state.forEach((name, value) -> {
                    if (!Boolean.FALSE.equals(value)) {
                        names.add(String.valueOf(name));
                    }
                });
            }
            return names;
        }

        @SuppressWarnings("AnnotateFormatMethod") // the annotation is in no dependency
        CheckpointException bad(String format, Object... arguments) {
            return file.damaged("pickle, %s: %s", function, format.formatted(arguments));
        }
    }
}
