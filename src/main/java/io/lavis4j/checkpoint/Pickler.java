package io.lavis4j.checkpoint;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Writes a tree as a pickle of protocol 2, with tensors as PyTorch's rebuild calls on the runs of a layout. */
final class Pickler {
    private static final int MAX_LONG1 = 255;

    /** A function or class that Python imports. */
    private record Name(String module, String name) {}

    private static final Name ORDERED_DICT = new Name("collections", "OrderedDict");
    private static final Name SET = new Name("__builtin__", "set");
    private static final Name ENCODE = new Name("_codecs", "encode");
    private static final Name UNTYPED_STORAGE = new Name("torch.storage", "UntypedStorage");

    private final StorageLayout layout;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Map<Object, Integer> memo = new HashMap<>();

    private Pickler(StorageLayout layout) {
        this.layout = layout;
    }

    /** @throws IllegalArgumentException for a value that has no place in a checkpoint */
    static byte[] pickle(@Nullable Object tree, StorageLayout layout) {
        var pickler = new Pickler(layout);
        pickler.out.writeBytes(new byte[] {(byte) 0x80, 2}); // PROTO
        pickler.value(tree);
        pickler.out.write('.'); // STOP
        return pickler.out.toByteArray();
    }

    private void value(@Nullable Object value) {
        if (value == null) {
            out.write('N'); // NONE
        } else if (value instanceof Boolean flag) {
            out.write(flag ? 0x88 : 0x89); // NEWTRUE, NEWFALSE
        } else if (value instanceof String text) {
            text(text);
        } else if (value instanceof Double || value instanceof Float) {
            out.write('G'); // BINFLOAT
            out.writeBytes(ByteBuffer.allocate(Double.BYTES)
                    .putDouble(((Number) value).doubleValue())
                    .array());
        } else if (value instanceof Long || value instanceof Integer) {
            integer(((Number) value).longValue());
        } else if (value instanceof BigInteger integer) {
            bigInteger(integer);
        } else if (value instanceof Tensor tensor) {
            tensor(tensor);
        } else if (value instanceof ScalarType dtype) {
            name(new Name("torch", ElementType.of(dtype).python));
        } else if (value instanceof byte[] bytes) {
            call(ENCODE, () -> {
                text(new String(bytes, StandardCharsets.ISO_8859_1));
                text("latin1");
            });
        } else {
            container(value);
        }
    }

    private void container(Object value) {
        if (value instanceof Map<?, ?> map) {
            if (map instanceof OrderedDict<?, ?>) {
                call(ORDERED_DICT, () -> {});
            } else {
                out.write('}'); // EMPTY_DICT
            }
            out.write('('); // MARK
            map.forEach((key, item) -> {
                value(key);
                value(item);
            });
            out.write('u'); // SETITEMS
        } else if (value instanceof List<?> list) {
            list(list);
        } else if (value instanceof Tuple tuple) {
            tuple(() -> tuple.values().forEach(this::value));
        } else if (value instanceof Set<?> set) {
            call(SET, () -> list(set));
        } else {
            throw new IllegalArgumentException("a checkpoint cannot hold a value of " + value.getClass());
        }
    }

    private void list(Iterable<?> items) {
        out.writeBytes(new byte[] {']', '('}); // EMPTY_LIST, MARK
        items.forEach(this::value);
        out.write('e'); // APPENDS
    }

    private void tensor(Tensor tensor) {
        var run = layout.runOf(tensor);
        boolean typed = run.type.storage != null;
        call(new Name("torch._utils", typed ? "_rebuild_tensor_v2" : "_rebuild_tensor_v3"), () -> {
            tuple(() -> storage(run));
            out.write('Q'); // BINPERSID
            integer(layout.offset(tensor));
            tuple(() -> Arrays.stream(tensor.shape()).forEach(this::integer));
            tuple(() -> StorageLayout.strides(tensor).forEach(this::integer));
            value(tensor.requires_grad());
            call(ORDERED_DICT, () -> {}); // hooks
            if (!typed) {
                value(run.type.scalarType);
            }
        });
    }

    private void storage(StorageLayout.Run run) {
        text("storage");
        name(run.type.storage != null ? new Name("torch", run.type.storage) : UNTYPED_STORAGE);
        text(String.valueOf(run.index()));
        text("cpu");
        integer(run.type.storage != null ? run.count() : run.count() * run.type.bytes);
    }

    private void call(Name function, Runnable arguments) {
        name(function);
        tuple(arguments);
        out.write('R'); // REDUCE
    }

    private void tuple(Runnable items) {
        out.write('('); // MARK
        items.run();
        out.write('t'); // TUPLE
    }

    private void integer(long value) {
        if (value == (byte) value && value >= 0) {
            out.write('K'); // BININT1
            out.write((int) value);
        } else if (value == (int) value) {
            out.write('J'); // BININT
            littleEndian((int) value);
        } else {
            bigInteger(BigInteger.valueOf(value));
        }
    }

    private void bigInteger(BigInteger value) {
        var bigEndian = value.toByteArray();
        if (bigEndian.length > MAX_LONG1) {
            throw new IllegalArgumentException("an integer of more than %d bytes".formatted(MAX_LONG1));
        }
        out.write(0x8a); // LONG1
        out.write(bigEndian.length);
        for (int i = bigEndian.length - 1; i >= 0; i--) {
            out.write(bigEndian[i]);
        }
    }

    private void text(String text) {
        if (recall(text)) {
            return;
        }
        var utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.write('X'); // BINUNICODE
        littleEndian(utf8.length);
        out.writeBytes(utf8);
        remember(text);
    }

    private void name(Name name) {
        if (recall(name)) {
            return;
        }
        out.write('c'); // GLOBAL
        out.writeBytes("%s\n%s\n".formatted(name.module, name.name).getBytes(StandardCharsets.UTF_8));
        remember(name);
    }

    private boolean recall(Object value) {
        var index = memo.get(value);
        if (index != null) {
            out.write('j'); // LONG_BINGET
            littleEndian(index);
        }
        return index != null;
    }

    private void remember(Object value) {
        out.write('r'); // LONG_BINPUT
        littleEndian(memo.size());
        memo.put(value, memo.size());
    }

    private void littleEndian(int value) {
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            out.write(value >>> shift);
        }
    }
}
