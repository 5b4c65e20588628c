package io.lavis4j.tensorboard;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads event files again, as TensorBoard does. */
public final class Events {

    private static final int LAST_GROUP = 0x80;

    private Events() {}

    /**
     * An event.
     *
     * @param version of the file; empty but in its first event
     * @param isStart whether a session starts
     */
    record Event(double time, long step, String version, boolean isStart, Map<String, Float> scalars) {}

    /** The scalars of a folder by name and step: the files by their names, without what a later session took back. */
    public static Map<String, Map<Long, Float>> scalars(Path folder) throws IOException {
        var all = new TreeMap<String, Map<Long, Float>>();
        for (var file : files(folder)) {
            for (var event : read(Files.readAllBytes(file))) {
                if (event.isStart()) {
                    all.values().forEach(steps -> steps.keySet().removeIf(step -> step >= event.step()));
                }
                event.scalars()
                        .forEach((name, value) ->
                                all.computeIfAbsent(name, n -> new TreeMap<>()).put(event.step(), value));
            }
        }
        return all;
    }

    static List<Path> files(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    /**
     * The events of a file; a last one that is not whole is left out.
     *
     * @throws IllegalArgumentException if a checksum is wrong
     */
    static List<Event> read(byte[] file) {
        var events = new ArrayList<Event>();
        var in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        try {
            while (in.hasRemaining()) {
                events.add(event(frame(in)));
            }
        } catch (BufferUnderflowException e) {
            return events;
        }
        return events;
    }

    private static ByteBuffer frame(ByteBuffer in) {
        byte[] length = new byte[Long.BYTES];
        in.get(length);
        require(length, in.getInt());
        byte[] data = new byte
                [(int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong()];
        in.get(data);
        require(data, in.getInt());
        return ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** CRC-32C bit by bit, by its polynomial. */
    private static void require(byte[] data, int expected) {
        int sum = ~0;
        for (byte b : data) {
            sum ^= b & 0xff;
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                sum = (sum >>> 1) ^ ((sum & 1) == 1 ? 0x82f63b78 : 0);
            }
        }
        sum = ~sum;
        int masked = ((sum >>> 15) | (sum << 17)) + 0xa282ead8;
        if (masked != expected) {
            throw new IllegalArgumentException("expected the checksum %08x, got %08x".formatted(masked, expected));
        }
    }

    private static Event event(ByteBuffer in) {
        double time = Double.NaN;
        long step = 0;
        String version = "";
        boolean start = false;
        var scalars = new LinkedHashMap<String, Float>();
        while (in.hasRemaining()) {
            int tag = (int) varint(in);
            switch (tag) {
                case (1 << 3) | 1 -> time = in.getDouble();
                case 2 << 3 -> step = varint(in);
                case (3 << 3) | 2 -> version = text(in);
                case (5 << 3) | 2 -> scalars.putAll(summary(slice(in)));
                case (7 << 3) | 2 -> start = isStart(slice(in));
                default -> throw new IllegalArgumentException("tag %d of an event".formatted(tag));
            }
        }
        return new Event(time, step, version, start, scalars);
    }

    private static boolean isStart(ByteBuffer in) {
        return varint(in) == 1 << 3 && varint(in) == 1 && !in.hasRemaining();
    }

    private static Map<String, Float> summary(ByteBuffer in) {
        var scalars = new LinkedHashMap<String, Float>();
        while (in.hasRemaining()) {
            expect(in, (1 << 3) | 2);
            var value = slice(in);
            expect(value, (1 << 3) | 2);
            String name = text(value);
            expect(value, (2 << 3) | 5);
            scalars.put(name, value.getFloat());
        }
        return scalars;
    }

    private static void expect(ByteBuffer in, long tag) {
        long found = varint(in);
        if (found != tag) {
            throw new IllegalArgumentException("expected tag %d, got %d".formatted(tag, found));
        }
    }

    private static String text(ByteBuffer in) {
        return StandardCharsets.UTF_8.decode(slice(in)).toString();
    }

    private static ByteBuffer slice(ByteBuffer in) {
        int length = (int) varint(in);
        var slice = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
        in.position(in.position() + length);
        return slice;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        int shift = 0;
        while (true) {
            byte group = in.get();
            value |= (long) (group & 0x7f) << shift;
            shift += 7;
            if ((group & LAST_GROUP) == 0) {
                return value;
            }
        }
    }
}
