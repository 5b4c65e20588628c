package io.lavis4j.checkpoint;

import io.lavis4j.io.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/** Writes stored records whose data starts at multiples of 64 bytes, and zip64 where sizes ask for it. */
final class ZipWriter {

    /** Feeds a record's bytes to the sink. */
    interface Content {
        void writeTo(TensorBytes.Sink sink) throws IOException;
    }

    private record Entry(String name, long header, long size, int crc) {}

    private static final int ALIGNMENT = 64;
    private static final int PADDING_EXTRA = 0x4246; // PyTorch's id for it
    private static final short VERSION = 20;
    private static final short VERSION64 = 45;
    private static final short UTF8_NAMES = 1 << 11;
    private static final short FIRST_OF_JANUARY_1980 = 0x21;

    private final FileChannel out;
    private final List<Entry> entries = new ArrayList<>();
    private long position;

    ZipWriter(FileChannel out) {
        this.out = out;
    }

    void add(String name, byte[] content) throws IOException {
        add(name, content.length, sink -> sink.accept(ByteBuffer.wrap(content)));
    }

    /** Streams a record of {@code size} bytes; its checksum is filled in afterwards. */
    void add(String name, long size, Content content) throws IOException {
        long header = position;
        write(localHeader(name.getBytes(StandardCharsets.UTF_8), size));

        var crc = new CRC32();
        long start = position;
        content.writeTo(piece -> {
            crc.update(piece.duplicate());
            write(piece);
        });
        if (position - start != size) {
            throw new IllegalStateException(
                    "record %s: expected %d bytes, got %d".formatted(name, size, position - start));
        }
        int checksum = (int) crc.getValue();
        out.write(buffer(Integer.BYTES).putInt(checksum).flip(), header + 14);
        entries.add(new Entry(name, header, size, checksum));
    }

    /** Writes the directory. */
    void finish() throws IOException {
        long directory = position;
        for (var entry : entries) {
            write(centralHeader(entry));
        }
        long length = position - directory;
        boolean zip64 = entries.size() >= ZipDirectory.MAX16 || directory >= ZipDirectory.MAX32;
        if (zip64) {
            write(end64(directory, length, position));
        }
        int count = zip64 ? ZipDirectory.MAX16 : entries.size();
        write(buffer(22)
                .putInt(ZipDirectory.END)
                .putInt(0) // disks
                .putShort((short) count)
                .putShort((short) count)
                .putInt((int) (zip64 ? ZipDirectory.MAX32 : length))
                .putInt((int) (zip64 ? ZipDirectory.MAX32 : directory))
                .putShort((short) 0) // comment
                .flip());
    }

    private ByteBuffer localHeader(byte[] name, long size) {
        boolean zip64 = size >= ZipDirectory.MAX32;
        int fixed = 30 + name.length + (zip64 ? 20 : 0) + 4;
        int padding = (int) Math.floorMod(-(position + fixed), (long) ALIGNMENT);
        var header = buffer(fixed + padding).putInt(ZipDirectory.LOCAL_HEADER);
        common(header, zip64, 0, size, name.length, fixed + padding - 30 - name.length)
                .put(name);
        if (zip64) {
            header.putShort((short) ZipDirectory.ZIP64_EXTRA)
                    .putShort((short) 16)
                    .putLong(size)
                    .putLong(size);
        }
        return header.putShort((short) PADDING_EXTRA)
                .putShort((short) padding)
                .position(fixed + padding)
                .flip();
    }

    private static ByteBuffer centralHeader(Entry entry) {
        var name = entry.name.getBytes(StandardCharsets.UTF_8);
        boolean large = entry.size >= ZipDirectory.MAX32;
        boolean far = entry.header >= ZipDirectory.MAX32;
        int fields = (large ? 16 : 0) + (far ? 8 : 0);
        int extra = fields == 0 ? 0 : 4 + fields;
        var header = buffer(46 + name.length + extra)
                .putInt(ZipDirectory.CENTRAL_HEADER)
                .putShort(VERSION64); // made by
        common(header, large || far, entry.crc, entry.size, name.length, extra)
                .putShort((short) 0) // comment
                .putInt(0) // disk, internal attributes
                .putInt(0) // external attributes
                .putInt((int) Math.min(entry.header, ZipDirectory.MAX32))
                .put(name);
        if (extra > 0) {
            header.putShort((short) ZipDirectory.ZIP64_EXTRA).putShort((short) fields);
        }
        if (large) {
            header.putLong(entry.size).putLong(entry.size);
        }
        if (far) {
            header.putLong(entry.header);
        }
        return header.flip();
    }

    /** The fields that the local and the central header share, in their common order. */
    private static ByteBuffer common(ByteBuffer header, boolean zip64, int crc, long size, int name, int extra) {
        int size32 = (int) Math.min(size, ZipDirectory.MAX32);
        return header.putShort(zip64 ? VERSION64 : VERSION)
                .putShort(UTF8_NAMES)
                .putShort((short) 0) // stored
                .putShort((short) 0) // time
                .putShort(FIRST_OF_JANUARY_1980)
                .putInt(crc)
                .putInt(size32)
                .putInt(size32)
                .putShort((short) name)
                .putShort((short) extra);
    }

    private ByteBuffer end64(long directory, long length, long end64) {
        return buffer(56 + 20)
                .putInt(ZipDirectory.END64)
                .putLong(44) // bytes that follow in this part
                .putShort(VERSION64)
                .putShort(VERSION64)
                .putLong(0) // disks
                .putLong(entries.size())
                .putLong(entries.size())
                .putLong(length)
                .putLong(directory)
                .putInt(ZipDirectory.END64_LOCATOR)
                .putInt(0) // disk
                .putLong(end64)
                .putInt(1) // disks
                .flip();
    }

    private void write(ByteBuffer buffer) throws IOException {
        position += buffer.remaining();
        AtomicFile.writeFully(out, buffer);
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
