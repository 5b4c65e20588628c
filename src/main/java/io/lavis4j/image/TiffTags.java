package io.lavis4j.image;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/**
 * The first directory of a TIFF or BigTIFF file: whole numbers by tag.
 *
 * @param file in its order of bytes
 */
record TiffTags(FileBytes file, Map<Integer, Values> entries) {

    static final int WIDTH = 256;
    static final int HEIGHT = 257;
    static final int BITS = 258;
    static final int COMPRESSION = 259;
    static final int PHOTOMETRIC = 262;
    static final int FILL_ORDER = 266;
    static final int STRIP_OFFSETS = 273;
    static final int ORIENTATION = 274;
    static final int SAMPLES = 277;
    static final int ROWS_PER_STRIP = 278;
    static final int STRIP_SIZES = 279;
    static final int PLANES = 284;
    static final int PREDICTOR = 317;
    static final int COLOUR_MAP = 320;
    static final int TILE_WIDTH = 322;
    static final int TILE_HEIGHT = 323;
    static final int TILE_OFFSETS = 324;
    static final int TILE_SIZES = 325;
    static final int EXTRA_SAMPLES = 338;
    static final int SAMPLE_FORMAT = 339;
    static final int JPEG_TABLES = 347;

    private static final int BIG = 43;

    private static final int BYTE = 1;
    private static final int SHORT = 3;
    private static final int LONG = 4;
    private static final int UNDEFINED = 7;
    private static final int LONG_8 = 16;

    /** Where values lie. */
    private record Values(long at, int type, long count) {}

    /** @throws IOException if it is damaged or not in the file */
    static TiffTags read(byte[] content) throws IOException {
        var order = content[0] == 'M' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        var file = new FileBytes(content, order);
        boolean big = file.uint16(2) == BIG;
        int room = big ? 8 : 4, header = big ? 12 : 8;
        long at = file.number(big ? 8 : 4, room);
        long count = file.number(at, big ? 8 : 2);
        at += big ? 8 : 2;
        var entries = new HashMap<Integer, Values>();
        for (long i = 0; i < count; i++, at += header + room) {
            int type = file.uint16(at + 2);
            long values = file.number(at + 4, room);
            boolean inside = size(type) > 0 && values <= room / size(type);
            entries.put(
                    file.uint16(at), new Values(inside ? at + header : file.number(at + header, room), type, values));
        }
        return new TiffTags(file, entries);
    }

    boolean has(int tag) {
        return entries.containsKey(tag);
    }

    /** The only value. */
    long one(int tag, long absent) throws IOException {
        long[] values = all(tag);
        if (values.length > 1 || (values.length == 0 && has(tag))) {
            throw new IOException("its tag %d has %d values, expected one".formatted(tag, values.length));
        }
        return values.length == 0 ? absent : values[0];
    }

    /** All values, none if the tag is absent. */
    long[] all(int tag) throws IOException {
        var values = entries.get(tag);
        if (values == null) {
            return new long[0];
        }
        int size = size(values.type());
        if (size < 2) {
            throw new IOException(
                    "its tag %d has values of type %d, expected whole numbers".formatted(tag, values.type()));
        }
        file.requireRange(values.at(), values.count()); // before memory is taken for as many as the file claims
        long[] numbers = new long[(int) values.count()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = file.number(values.at() + (long) i * size, size);
        }
        return numbers;
    }

    /** The values of a tag whose values are bytes, none if it is absent. */
    byte[] bytes(int tag) throws IOException {
        var values = entries.get(tag);
        if (values == null) {
            return new byte[0];
        }
        if (size(values.type()) != 1) {
            throw new IOException("its tag %d has values of type %d, expected bytes".formatted(tag, values.type()));
        }
        return file.range(values.at(), values.count());
    }

    /** Bytes of a value, 0 for types that are not used here. */
    private static int size(int type) {
        return switch (type) {
            case BYTE, UNDEFINED -> 1;
            case SHORT -> 2;
            case LONG -> 4;
            case LONG_8 -> 8;
            default -> 0;
        };
    }
}
