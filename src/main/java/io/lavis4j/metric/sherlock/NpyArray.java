package io.lavis4j.metric.sherlock;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * Numbers in NumPy's {@code .npy} format, version 1.0: one dimension, {@code float32} or {@code float64}, little
 * endian.
 *
 * <p>Anything else is refused, arrays of Python objects in particular: their content is a program.
 */
public final class NpyArray {

    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int PREAMBLE = MAGIC.length + 4; // version, length of the header
    private static final int ALIGNMENT = 64;
    private static final Pattern DESCR = Pattern.compile("['\"]descr['\"]\\s*:\\s*(['\"][^'\"]*['\"]|\\[.*\\])");
    private static final Pattern ORDER = Pattern.compile("['\"]fortran_order['\"]\\s*:\\s*(True|False)");
    private static final Pattern SHAPE = Pattern.compile("['\"]shape['\"]\\s*:\\s*\\(([^()]*)\\)");
    private static final Pattern ONE_DIMENSION = Pattern.compile("\\s*(\\d{1,18})\\s*,\\s*");
    private static final String EXPECTED =
            "expected what np.save makes of a one-dimensional array of float32 or float64, little endian";

    private final double[] values;
    private final boolean single;

    private NpyArray(double[] values, boolean single) {
        this.values = values;
        this.single = single;
    }

    /** Numbers to be written as {@code float32}. */
    public static NpyArray float32(float[] values) {
        double[] wide = new double[values.length];
        Arrays.setAll(wide, i -> values[i]);
        return new NpyArray(wide, true);
    }

    /** Numbers to be written as {@code float64}. */
    public static NpyArray float64(double[] values) {
        return new NpyArray(values.clone(), false);
    }

    /** How many numbers. */
    public int length() {
        return values.length;
    }

    /** The number at {@code index}. */
    public double value(int index) {
        return values[index];
    }

    /** {@code float32} or {@code float64}. */
    public String dtype() {
        return single ? "float32" : "float64";
    }

    /** The first index that holds NaN; -1 if none does. */
    public int firstNaN() {
        for (int i = 0; i < values.length; i++) {
            if (Double.isNaN(values[i])) {
                return i;
            }
        }
        return -1;
    }

    /** Whether the content of a file begins as an array's does. */
    static boolean isArray(byte[] content) {
        return content.length >= MAGIC.length && Arrays.equals(content, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
    }

    /** The content of a file. */
    public byte[] bytes() {
        var header = new StringBuilder("{'descr': '%s', 'fortran_order': False, 'shape': (%d,), }"
                .formatted(single ? "<f4" : "<f8", values.length));
        while ((PREAMBLE + header.length() + 1) % ALIGNMENT != 0) {
            header.append(' ');
        }
        header.append('\n');
        int size = single ? Float.BYTES : Double.BYTES;
        var out = ByteBuffer.allocate(PREAMBLE + header.length() + size * values.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(MAGIC)
                .put((byte) 1)
                .put((byte) 0)
                .putShort((short) header.length())
                .put(header.toString().getBytes(ISO_8859_1));
        for (double value : values) {
            if (single) {
                out.putFloat((float) value);
            } else {
                out.putDouble(value);
            }
        }
        return out.array();
    }

    /**
     * Reads the content of a file.
     *
     * @param name of the file, for messages
     * @throws IllegalArgumentException if it is not an array of the described kind
     */
    public static NpyArray parse(String name, byte[] content) {
        if (content.length < PREAMBLE || !isArray(content)) {
            throw bad(name, "is not a .npy file: %d bytes that do not begin with \\x93NUMPY".formatted(content.length));
        }
        var in = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        if (content[6] != 1 || content[7] != 0) {
            throw bad(name, "has version %d.%d of the format, not 1.0".formatted(content[6], content[7]));
        }
        int length = Short.toUnsignedInt(in.getShort(8));
        if (PREAMBLE + length > content.length) {
            throw bad(name, "breaks off in its header: %d bytes of %d".formatted(content.length, PREAMBLE + length));
        }
        boolean single = checkHeader(name, new String(content, PREAMBLE, length, ISO_8859_1));
        int size = single ? Float.BYTES : Double.BYTES;
        long count = count(name, new String(content, PREAMBLE, length, ISO_8859_1));
        long available = content.length - PREAMBLE - (long) length;
        if (count > available / size || count * size != available) {
            throw bad(
                    name,
                    "has %d bytes of numbers, but its header announces %d numbers of %d"
                            .formatted(available, count, size));
        }
        double[] values = new double[(int) count];
        in.position(PREAMBLE + length);
        for (int i = 0; i < values.length; i++) {
            values[i] = single ? in.getFloat() : in.getDouble();
        }
        return new NpyArray(values, single);
    }

    /** Whether the numbers are single; refuses everything but what is read here. */
    private static boolean checkHeader(String name, String header) {
        var descr = DESCR.matcher(header);
        var order = ORDER.matcher(header);
        var shape = SHAPE.matcher(header);
        boolean all = descr.find() && order.find() && shape.find();
        String rest = !all
                ? header
                : header.replace(descr.group(), "").replace(order.group(), "").replace(shape.group(), "");
        if (!all || !rest.strip().matches("\\{\\s*,\\s*,[\\s,]*}")) {
            throw bad(name, "has a malformed header \"%s\"".formatted(shortened(header)));
        }
        String dtype = descr.group(1).replaceAll("['\"]", "");
        if (dtype.contains("O")) {
            throw bad(
                    name,
                    "holds Python objects (dtype %s), which are programs and are not run".formatted(shortened(dtype)));
        }
        if (!dtype.equals("<f4") && !dtype.equals("<f8")) {
            throw bad(name, "has dtype %s, not <f4 (float32) or <f8 (float64)".formatted(shortened(dtype)));
        }
        return dtype.equals("<f4");
    }

    private static long count(String name, String header) {
        var shape = SHAPE.matcher(header);
        var one = ONE_DIMENSION.matcher(shape.find() ? shape.group(1) : "");
        if (!one.matches()) {
            throw bad(name, "has shape (%s), not one dimension".formatted(shape.group(1)));
        }
        return Long.parseLong(one.group(1));
    }

    private static String shortened(String text) {
        String line = text.strip();
        return line.length() <= 80 ? line : line.substring(0, 80) + "...";
    }

    private static IllegalArgumentException bad(String name, String problem) {
        return new IllegalArgumentException("%s %s; %s".formatted(name, problem, EXPECTED));
    }
}
