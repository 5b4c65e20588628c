package io.lavis4j.checkpoint;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** The directory of a zip or zip64 file whose records are stored uncompressed, as PyTorch writes them. */
final class ZipDirectory {
    static final int LOCAL_HEADER = 0x04034b50;
    static final int CENTRAL_HEADER = 0x02014b50;
    static final int END = 0x06054b50;
    static final int END64 = 0x06064b50;
    static final int END64_LOCATOR = 0x07064b50;
    static final int ZIP64_EXTRA = 1;
    static final long MAX32 = 0xffffffffL;
    static final int MAX16 = 0xffff;

    private static final int LOCAL_BYTES = 30;
    private static final int CENTRAL_BYTES = 46;
    private static final int END_BYTES = 22;
    private static final int END64_BYTES = 56;
    private static final int LOCATOR_BYTES = 20;

    private record Entry(long header, long size, int method, int crc) {}

    /** The place of the directory. */
    private record Extent(long offset, long length, long count) {}

    private final MappedFile file;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    ZipDirectory(MappedFile file) {
        this.file = file;
        var extent = find();
        if (extent.offset < 0 || extent.length < 0 || extent.offset > file.size - extent.length) {
            throw damaged("its directory of %d bytes at byte %d cannot be right", extent.length, extent.offset);
        }
        var directory = file.read(extent.offset, extent.length);
        try {
            for (long i = 0; i < extent.count; i++) {
                readEntry(directory);
            }
        } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
            throw damaged("its directory ends in the middle of an entry");
        }
    }

    /** The folder, with its slash, that all records are in; null if the file has no records. */
    @Nullable
    String folder() {
        for (var name : entries.keySet()) {
            return name.substring(0, name.indexOf('/') + 1);
        }
        return null;
    }

    boolean contains(String name) {
        return entries.containsKey(name);
    }

    /**
     * The bytes of a record.
     *
     * @throws CheckpointException if there is no such record, it is compressed or does not lie within the file
     */
    TorchNames.Place place(String name) {
        var entry = entry(name);
        if (entry.method != 0) {
            throw file.bad(
                    "record %s is compressed, which torch.save never does; unzip the file and pack it again with zip -0",
                    name);
        }
        if (entry.header < 0 || entry.header > file.size - LOCAL_BYTES) {
            throw damaged("its record %s at byte %d is outside of the file", name, entry.header);
        }
        var header = file.read(entry.header, LOCAL_BYTES);
        if (header.getInt(0) != LOCAL_HEADER) {
            throw damaged("its record %s does not start at byte %d", name, entry.header);
        }
        long start = entry.header + LOCAL_BYTES + (header.getShort(26) & MAX16) + (header.getShort(28) & MAX16);
        if (entry.size < 0 || start > file.size || entry.size > file.size - start) {
            throw damaged("its record %s of %d bytes at byte %d goes beyond its end", name, entry.size, start);
        }
        return new TorchNames.Place(start, entry.size);
    }

    /** A small record's content, with its checksum verified. */
    ByteBuffer read(String name) {
        var place = place(name);
        var content = file.read(place.offset(), place.length());
        var crc = new CRC32();
        crc.update(content.duplicate());
        if ((int) crc.getValue() != entry(name).crc) {
            throw damaged("the checksum of its record %s is wrong", name);
        }
        return content;
    }

    private Entry entry(String name) {
        var entry = entries.get(name);
        if (entry == null) {
            throw damaged("its record %s is missing", name);
        }
        return entry;
    }

    private Extent find() {
        int tail = (int) Math.min(file.size, MAX16 + END_BYTES + LOCATOR_BYTES);
        var end = file.read(file.size - tail, tail);
        int at = tail - END_BYTES;
        while (at >= 0 && (end.getInt(at) != END || (end.getShort(at + 20) & MAX16) != tail - END_BYTES - at)) {
            at--;
        }
        if (at < 0) {
            throw damaged("the directory at its end is missing");
        }
        var extent =
                new Extent(end.getInt(at + 16) & MAX32, end.getInt(at + 12) & MAX32, end.getShort(at + 10) & MAX16);
        if (extent.offset != MAX32 && extent.length != MAX32 && extent.count != MAX16) {
            return extent;
        }
        int locator = at - LOCATOR_BYTES;
        if (locator < 0 || end.getInt(locator) != END64_LOCATOR) {
            return extent;
        }
        long at64 = end.getLong(locator + 8);
        if (at64 < 0 || at64 > file.size - END64_BYTES || file.read(at64, 4).getInt() != END64) {
            throw damaged("its zip64 directory is missing");
        }
        var end64 = file.read(at64, END64_BYTES);
        return new Extent(end64.getLong(48), end64.getLong(40), end64.getLong(32));
    }

    private void readEntry(ByteBuffer directory) {
        int at = directory.position();
        if (directory.getInt(at) != CENTRAL_HEADER) {
            throw damaged("its directory has no entry at byte %d", at);
        }
        int nameLength = directory.getShort(at + 28) & MAX16;
        int extraLength = directory.getShort(at + 30) & MAX16;
        int commentLength = directory.getShort(at + 32) & MAX16;
        var nameBytes = new byte[nameLength];
        directory.position(at + CENTRAL_BYTES).get(nameBytes);
        long packed = directory.getInt(at + 20) & MAX32;
        long size = directory.getInt(at + 24) & MAX32;
        long header = directory.getInt(at + 42) & MAX32;

        int extraEnd = directory.position() + extraLength;
        while (directory.position() + 4 <= extraEnd) {
            int id = directory.getShort() & MAX16;
            int next = (directory.getShort() & MAX16) + directory.position();
            if (id == ZIP64_EXTRA) {
                size = size == MAX32 ? directory.getLong() : size;
                packed = packed == MAX32 ? directory.getLong() : packed;
                header = header == MAX32 ? directory.getLong() : header;
            }
            directory.position(next);
        }
        directory.position(extraEnd + commentLength);

        var name = new String(nameBytes, StandardCharsets.UTF_8);
        int method = packed == size ? directory.getShort(at + 10) & MAX16 : -1;
        var entry = new Entry(header, size, method, directory.getInt(at + 16));
        if (entries.put(name, entry) != null) {
            throw damaged("it has two records named %s", name);
        }
    }

    @SuppressWarnings("AnnotateFormatMethod") // the annotation is in no dependency
    private CheckpointException damaged(String format, Object... arguments) {
        return file.damaged("the zip file is broken: " + format, arguments);
    }
}
