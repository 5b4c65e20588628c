package io.lavis4j.features;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.ObjLongConsumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A file of records that one process appends to and any may read. A record is four bytes that say so, the checksum of
 * key and row, the key, and the row. A record that is cut off is not there, one whose checksum is wrong is never read.
 */
final class Segment implements AutoCloseable {

    private static final int MAGIC = 0x6c344a46; // l4jF
    private static final int HEADER = 2 * Integer.BYTES + Fingerprint.BYTES;

    private final Path path;
    private final FileChannel file;
    private final int bytes;
    private long end;

    /** @param bytes of a row */
    Segment(Path path, int bytes, OpenOption... options) throws IOException {
        this.path = path;
        this.bytes = bytes;
        file = FileChannel.open(path, options);
    }

    /** Bytes of a record. */
    static long recordBytes(int bytes) {
        return (long) HEADER + bytes;
    }

    /** A new buffer for a record. */
    ByteBuffer buffer() {
        return ByteBuffer.allocateDirect(HEADER + bytes);
    }

    /** Tells the keys and places of the whole records that have come since the last call. */
    void look(ObjLongConsumer<Fingerprint> found) throws IOException {
        var header = ByteBuffer.allocate(HEADER);
        for (long size = file.size(); end + HEADER + bytes <= size; end += HEADER + bytes) {
            readFully(header.clear(), end);
            if (header.flip().getInt() == MAGIC) {
                header.getInt();
                found.accept(key(header), end);
            }
        }
    }

    /**
     * Appends a record; what fails leaves nothing.
     *
     * @param buffer of {@link #buffer()}
     * @return its place
     */
    long append(Fingerprint key, ByteBuffer row, ByteBuffer buffer) throws IOException {
        buffer.clear().putInt(MAGIC).putInt(0).putLong(key.high()).putLong(key.low());
        buffer.put(row.duplicate()).flip();
        buffer.putInt(Integer.BYTES, checksum(buffer.duplicate().position(2 * Integer.BYTES), null));
        long place = end;
        try {
            for (long at = place; buffer.hasRemaining(); ) {
                at += file.write(buffer, at);
            }
        } catch (IOException e) {
            truncate(place);
            throw e;
        }
        end += HEADER + bytes;
        return place;
    }

    @SuppressWarnings("EmptyCatch") // the failure that matters is on its way; what is cut off is not read
    private void truncate(long length) {
        try {
            file.truncate(length);
        } catch (IOException ignored) {
            // the rest of a record stays at the end
        }
    }

    /**
     * Reads a row.
     *
     * @return whether its checksum is right
     */
    boolean read(long place, ByteBuffer row) throws IOException {
        var header = ByteBuffer.allocate(HEADER);
        readFully(header, place);
        var target = row.duplicate();
        int start = target.position();
        target.limit(start + bytes);
        readFully(target, place + HEADER);
        return header.getInt(Integer.BYTES)
                == checksum(header.flip().position(2 * Integer.BYTES), target.position(start));
    }

    /** Has nobody find a record any more: it is one no longer. */
    void discard(long place) throws IOException {
        try (var writable = FileChannel.open(path, StandardOpenOption.WRITE)) {
            writable.write(ByteBuffer.allocate(Integer.BYTES), place);
        }
    }

    private static int checksum(ByteBuffer first, @Nullable ByteBuffer second) {
        var checksum = new CRC32C();
        checksum.update(first);
        if (second != null) {
            checksum.update(second);
        }
        return (int) checksum.getValue();
    }

    private static Fingerprint key(ByteBuffer header) {
        return new Fingerprint(header.getLong(), header.getLong());
    }

    private void readFully(ByteBuffer buffer, long from) throws IOException {
        for (long at = from; buffer.hasRemaining(); ) {
            int count = file.read(buffer, at);
            if (count < 0) {
                throw new EOFException("it ends at byte %d".formatted(at));
            }
            at += count;
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
