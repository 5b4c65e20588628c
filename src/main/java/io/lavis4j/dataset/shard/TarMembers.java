package io.lavis4j.dataset.shard;

import io.lavis4j.image.BrokenImageException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The files in a tar file in their order, one at a time, found by their headers: contents are passed over, and nothing
 * grows with the number of members. Names are as {@link ShardIndex} reads them.
 */
public final class TarMembers implements AutoCloseable {

    private final Path tar;
    private final long size;
    private final FileChannel file;
    private final TarArchiveInputStream entries;
    private String last = "";
    private long end;

    /**
     * A file in the tar file.
     *
     * @param name a key for messages, never a path
     * @param offset of its content in the tar file, bytes
     * @param size of its content, bytes
     */
    public record Member(String name, long offset, long size) {

        /**
         * The content; from any thread.
         *
         * @throws BrokenImageException if it cannot be read, or is larger than any image
         */
        public byte[] read(Path tar) {
            if (size > ShardIndex.MAX_BYTES) {
                throw new BrokenImageException(
                        "%s of %s: has %d bytes, expected at most %d".formatted(name, tar, size, ShardIndex.MAX_BYTES));
            }
            try (var file = FileChannel.open(tar)) {
                return new ShardIndex.Range(offset, (int) size).read(file);
            } catch (IOException e) {
                throw new BrokenImageException("%s of %s: cannot be read (%s)".formatted(name, tar, e), e);
            }
        }
    }

    private TarMembers(Path tar, FileChannel file) throws IOException {
        this.tar = tar;
        this.file = file;
        size = file.size();
        entries = new TarArchiveInputStream(new BufferedInputStream(Channels.newInputStream(file)), ShardIndex.BYTES);
    }

    /**
     * Opens a tar file.
     *
     * @throws UncheckedIOException if it cannot be read, or is packed
     */
    public static TarMembers open(Path tar) {
        try {
            var packing = Packing.of(tar);
            if (packing != null) {
                throw new IOException("it is %s; unpack it, as images are read where they lie".formatted(packing));
            }
            return new TarMembers(tar, FileChannel.open(tar));
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be read as a tar file (%s)".formatted(tar, e.getMessage()), e);
        }
    }

    /**
     * The next file, of folders none; {@code null} after the last. Links are files without content.
     *
     * @throws UncheckedIOException if the tar file is not whole
     */
    public @Nullable Member next() {
        try {
            TarArchiveEntry entry;
            do {
                entry = entries.getNextEntry();
                if (entry == null) {
                    requireEnd();
                    return null;
                }
                requireWhole(entry);
                long from = entries.getBytesRead();
                end = from + (entry.getSize() + ShardIndex.RECORD - 1) / ShardIndex.RECORD * ShardIndex.RECORD;
                if (from + entry.getSize() > size) {
                    throw new IOException("%s is cut off".formatted(ShardIndex.text(entry.getName())));
                }
                last = ShardIndex.text(entry.getName());
            } while (!entry.isFile());
            return new Member(last, entries.getBytesRead(), entry.getSize());
        } catch (IOException | IllegalArgumentException e) { // the library throws both for nonsense in a header
            throw new UncheckedIOException(
                    "%s: is not a whole tar file (%s), %s; fetch it again"
                            .formatted(
                                    tar,
                                    e.getMessage(),
                                    last.isEmpty() ? "no file in it can be read" : "its end is missing after " + last),
                    e instanceof IOException own ? own : new IOException(e));
        }
    }

    /** After one with holes nobody knows where the next begins. */
    private void requireWhole(TarArchiveEntry entry) {
        if (entry.isSparse()) {
            throw new UncheckedIOException(
                    "%s: %s is packed with holes, and images are read where they lie; pack again without tar's --sparse"
                            .formatted(tar, ShardIndex.text(entry.getName())),
                    new IOException("sparse"));
        }
    }

    private void requireEnd() throws IOException {
        if (size - end < ShardIndex.RECORD) {
            throw new IOException("the two empty blocks at its end are missing");
        }
        end = size;
    }

    /**
     * The first bytes of the file that came last.
     *
     * @throws UncheckedIOException if they cannot be read
     */
    public byte[] beginning(int count) {
        try {
            return entries.readNBytes(count);
        } catch (IOException e) {
            throw new UncheckedIOException("%s: %s cannot be read (%s)".formatted(tar, last, e.getMessage()), e);
        }
    }

    /** The part of the tar file up to the file that came last, from 0 to 1. */
    public double share() {
        return size == 0 ? 1 : Math.min(1, end / (double) size);
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be closed".formatted(tar), e);
        }
    }
}
