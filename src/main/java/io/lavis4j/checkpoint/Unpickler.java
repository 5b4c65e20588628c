package io.lavis4j.checkpoint;

import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Reads the opcodes of pickle protocols 2 to 5 that build values. Functions and classes are names here; what a name may
 * do is decided by {@link PythonNames}, a fixed table, so reading cannot run code. Python values become
 * {@link LinkedHashMap} (dict), {@link ArrayList}, {@link LinkedHashSet}, {@link Tuple}, {@link String},
 * {@code byte[]}, {@link Long} or {@link BigInteger}, {@link Double}, {@link Boolean} and null.
 */
final class Unpickler {

    /** The meaning of the names and persistent ids in a pickle. */
    interface PythonNames {
        Object global(String module, String name);

        @Nullable
        Object call(ForeignObject function, List<@Nullable Object> arguments);

        Object persistent(@Nullable Object id);
    }

    private static final int MAX_PROTOCOL = 5;
    private static final int MAX_OPCODES = Trees.MAX_VALUES * 2;
    private static final int MAX_LONG4 = 1 << 16;
    private static final Tuple EMPTY_TUPLE = new Tuple(List.of());

    private final MappedFile file;
    private final ByteBuffer in;
    private final PythonNames names;
    private final Deque<List<@Nullable Object>> marked = new ArrayDeque<>();
    private final Map<Integer, @Nullable Object> memo = new HashMap<>();
    private List<@Nullable Object> stack = new ArrayList<>();
    private int opcodes;

    private Unpickler(MappedFile file, ByteBuffer in, PythonNames names) {
        this.file = file;
        this.in = in.order(ByteOrder.LITTLE_ENDIAN);
        this.names = names;
    }

    /**
     * Reads one pickle and leaves {@code in} after it.
     *
     * @throws BufferUnderflowException if it does not end in {@code in}
     */
    static @Nullable Object load(MappedFile file, ByteBuffer in, PythonNames names) {
        return new Unpickler(file, in, names).load();
    }

    private @Nullable Object load() {
        while (true) {
            int opcode = in.get() & 0xff;
            if (opcode == '.') { // STOP
                return pop();
            }
            if (!scalar(opcode) && !text(opcode) && !container(opcode) && !memo(opcode) && !object(opcode)) {
                throw damaged("unknown pickle opcode 0x%02x", opcode);
            }
            if (++opcodes > MAX_OPCODES) {
                throw damaged("more than %d pickle opcodes", MAX_OPCODES);
            }
        }
    }

    private boolean scalar(int opcode) {
        switch (opcode) {
            case 'N' -> push(null); // NONE
            case 0x88 -> push(true); // NEWTRUE
            case 0x89 -> push(false); // NEWFALSE
            case 'K' -> push((long) (in.get() & 0xff)); // BININT1
            case 'M' -> push((long) (in.getShort() & 0xffff)); // BININT2
            case 'J' -> push((long) in.getInt()); // BININT
            case 0x8a -> push(integer(bytes(in.get() & 0xff))); // LONG1
            case 0x8b -> push(integer(bytes(long4()))); // LONG4
            case 'G' -> push(Double.longBitsToDouble(Long.reverseBytes(in.getLong()))); // BINFLOAT
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean text(int opcode) {
        switch (opcode) {
            case 0x8c -> push(string(in.get() & 0xff, StandardCharsets.UTF_8)); // SHORT_BINUNICODE
            case 'X' -> push(string(in.getInt() & 0xffffffffL, StandardCharsets.UTF_8)); // BINUNICODE
            case 0x8d -> push(string(in.getLong(), StandardCharsets.UTF_8)); // BINUNICODE8
            case 'U' -> push(string(in.get() & 0xff, StandardCharsets.ISO_8859_1)); // SHORT_BINSTRING of Python 2
            case 'T' -> push(string(in.getInt() & 0xffffffffL, StandardCharsets.ISO_8859_1)); // BINSTRING
            case 'C' -> push(bytes(in.get() & 0xff)); // SHORT_BINBYTES
            case 'B' -> push(bytes(in.getInt() & 0xffffffffL)); // BINBYTES
            case 0x8e, 0x96 -> push(bytes(in.getLong())); // BINBYTES8, BYTEARRAY8
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean container(int opcode) {
        switch (opcode) {
            case '(' -> { // MARK
                marked.push(stack);
                stack = new ArrayList<>();
            }
            case '0' -> pop(); // POP
            case '1' -> popMark(); // POP_MARK
            case '}' -> push(new LinkedHashMap<>()); // EMPTY_DICT
            case ']' -> push(new ArrayList<>()); // EMPTY_LIST
            case ')' -> push(EMPTY_TUPLE); // EMPTY_TUPLE
            case 0x8f -> push(new LinkedHashSet<>()); // EMPTY_SET
            case 't' -> push(new Tuple(popMark())); // TUPLE
            case 0x85, 0x86, 0x87 -> push(new Tuple(pop(opcode - 0x84))); // TUPLE1, TUPLE2, TUPLE3
            case 0x91 -> push(set(popMark())); // FROZENSET
            case 'a' -> addAll(pop(1)); // APPEND
            case 'e', 0x90 -> addAll(popMark()); // APPENDS, ADDITEMS
            case 's' -> putAll(pop(2)); // SETITEM
            case 'u' -> putAll(popMark()); // SETITEMS
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean memo(int opcode) {
        switch (opcode) {
            case 'q' -> memo.put(in.get() & 0xff, top()); // BINPUT
            case 'r' -> memo.put(in.getInt(), top()); // LONG_BINPUT
            case 0x94 -> memo.put(memo.size(), top()); // MEMOIZE
            case 'h' -> push(recall(in.get() & 0xff)); // BINGET
            case 'j' -> push(recall(in.getInt())); // LONG_BINGET
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean object(int opcode) {
        switch (opcode) {
            case 0x80 -> { // PROTO
                int protocol = in.get() & 0xff;
                if (protocol > MAX_PROTOCOL) {
                    throw damaged("expected pickle protocol 2 to %d, got %d", MAX_PROTOCOL, protocol);
                }
            }
            case 0x95 -> in.getLong(); // FRAME: a hint for buffering
            case 'c' -> push(names.global(line(), line())); // GLOBAL
            case 0x93 -> { // STACK_GLOBAL
                var path = pop(2);
                push(names.global(as(String.class, path.get(0)), as(String.class, path.get(1))));
            }
            case 'R', 0x81 -> call(as(Tuple.class, pop()).values()); // REDUCE, NEWOBJ
            case 0x92 -> { // NEWOBJ_EX
                pop(); // keyword arguments: no class in the table takes any
                call(as(Tuple.class, pop()).values());
            }
            case 'b' -> { // BUILD: attributes of the object below, which no value here has
                pop();
                top();
            }
            case 'Q' -> push(names.persistent(pop())); // BINPERSID
            default -> {
                return false;
            }
        }
        return true;
    }

    private void call(List<@Nullable Object> arguments) {
        var function = as(ForeignObject.class, pop());
        var first = arguments.isEmpty() ? null : arguments.get(0);
        push(
                switch (function.type()) {
                    case "collections.OrderedDict" -> orderedDict(first);
                    case "collections.defaultdict" -> new LinkedHashMap<>();
                    case "__builtin__.set", "builtins.set", "__builtin__.frozenset", "builtins.frozenset" ->
                        set(first == null ? List.of() : this.<List<@Nullable Object>>cast(as(ArrayList.class, first)));
                    case "_codecs.encode" -> as(String.class, first).getBytes(StandardCharsets.ISO_8859_1);
                    default -> names.call(function, arguments);
                });
    }

    /** @param pairs as Python 2 writes them, a list of two-element lists; null for none */
    private OrderedDict<@Nullable Object, @Nullable Object> orderedDict(@Nullable Object pairs) {
        var dict = new OrderedDict<@Nullable Object, @Nullable Object>();
        if (pairs != null) {
            for (var pair : as(ArrayList.class, pairs)) {
                putAll(dict, cast(as(ArrayList.class, pair)));
            }
        }
        return dict;
    }

    private void addAll(List<@Nullable Object> items) {
        var target = top();
        if (target instanceof LinkedHashSet<?>) {
            this.<Set<@Nullable Object>>cast(target).addAll(set(items));
        } else if (target instanceof ArrayList<?>) {
            this.<List<@Nullable Object>>cast(target).addAll(items);
        } else if (!(target instanceof ForeignObject)) {
            throw damaged("items are added to something that is not a list");
        }
    }

    private void putAll(List<@Nullable Object> keysAndValues) {
        var target = top();
        if (target instanceof LinkedHashMap<?, ?>) {
            putAll(cast(target), keysAndValues);
        } else if (!(target instanceof ForeignObject)) {
            throw damaged("items are put into something that is not a dict");
        }
    }

    private void putAll(Map<@Nullable Object, @Nullable Object> target, List<@Nullable Object> keysAndValues) {
        if (keysAndValues.size() % 2 != 0) {
            throw damaged("a dict has a key without a value");
        }
        for (int i = 0; i < keysAndValues.size(); i += 2) {
            target.put(checkHashable(keysAndValues.get(i)), keysAndValues.get(i + 1));
        }
    }

    private Set<@Nullable Object> set(List<@Nullable Object> items) {
        var set = new LinkedHashSet<@Nullable Object>();
        items.forEach(item -> set.add(checkHashable(item)));
        return set;
    }

    /** Keys are scalars or flat tuples of them, so that hashing one is never a walk through a graph. */
    private @Nullable Object checkHashable(@Nullable Object key) {
        if (key instanceof Tuple tuple ? !tuple.values().stream().allMatch(Unpickler::isScalar) : !isScalar(key)) {
            throw damaged("expected a string, a number or a flat tuple as a key, got something else");
        }
        return key;
    }

    private static boolean isScalar(@Nullable Object value) {
        return value == null
                || value instanceof String
                || value instanceof Number
                || value instanceof Boolean
                || value instanceof ScalarType
                || value instanceof ForeignObject;
    }

    private void push(@Nullable Object value) {
        stack.add(value);
    }

    private @Nullable Object top() {
        if (stack.isEmpty()) {
            throw damaged("the pickle's stack is empty where a value is needed");
        }
        return stack.get(stack.size() - 1);
    }

    private @Nullable Object pop() {
        var value = top();
        stack.remove(stack.size() - 1);
        return value;
    }

    private List<@Nullable Object> pop(int count) {
        if (stack.size() < count) {
            throw damaged("the pickle's stack is empty where a value is needed");
        }
        var tail = stack.subList(stack.size() - count, stack.size());
        var values = new ArrayList<>(tail);
        tail.clear();
        return values;
    }

    private List<@Nullable Object> popMark() {
        if (marked.isEmpty()) {
            throw damaged("the pickle has no mark where one is needed");
        }
        var values = stack;
        stack = marked.pop();
        return values;
    }

    private @Nullable Object recall(int index) {
        if (!memo.containsKey(index)) {
            throw damaged("the pickle refers to value %d, which it has not stored", index);
        }
        return memo.get(index);
    }

    private <T> T as(Class<T> type, @Nullable Object value) {
        if (!type.isInstance(value)) {
            throw damaged("the pickle needs a %s, got something else", type.getSimpleName());
        }
        return type.cast(value);
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // collections on the stack are made in this class
    private <T> T cast(Object collection) {
        return (T) collection;
    }

    private byte[] bytes(long length) {
        if (length < 0 || length > file.size) {
            throw damaged("a value of %s bytes goes beyond the file", Long.toUnsignedString(length));
        }
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        var bytes = new byte[(int) length];
        in.get(bytes);
        return bytes;
    }

    private int long4() {
        int length = in.getInt();
        if (length < 0 || length > MAX_LONG4) {
            throw damaged(
                    "expected an integer of at most %d bytes, got %s", MAX_LONG4, Integer.toUnsignedString(length));
        }
        return length;
    }

    private String string(long length, Charset charset) {
        return new String(bytes(length), charset);
    }

    private String line() {
        int start = in.position();
        while (in.get() != '\n') {
            // find the end
        }
        return new String(in.array(), in.arrayOffset() + start, in.position() - 1 - start, StandardCharsets.UTF_8);
    }

    /** Little-endian two's complement; no bytes are zero. */
    private static Number integer(byte[] littleEndian) {
        if (littleEndian.length == 0) {
            return 0L;
        }
        var bigEndian = new byte[littleEndian.length];
        for (int i = 0; i < bigEndian.length; i++) {
            bigEndian[i] = littleEndian[bigEndian.length - 1 - i];
        }
        var integer = new BigInteger(bigEndian);
        return integer.bitLength() < Long.SIZE ? integer.longValue() : integer;
    }

    @SuppressWarnings("AnnotateFormatMethod") // the annotation is in no dependency
    private CheckpointException damaged(String format, Object... arguments) {
        return file.damaged("pickle, byte %d: %s", in.position(), format.formatted(arguments));
    }
}
