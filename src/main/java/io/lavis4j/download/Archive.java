package io.lavis4j.download;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.zip.UnixStat;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.jspecify.annotations.Nullable;

/** A zip, tar or tar.gz file, read entry by entry. */
abstract sealed class Archive implements Closeable {

    private static final long NO_CRC = -1;
    private static final Pattern NAME = Pattern.compile("(?i).+\\.(zip|tar|tar\\.gz|tgz)");

    /** What an entry is. */
    enum Kind {
        FILE,
        FOLDER,
        LINK,
        /** A device, a pipe, or something that is encrypted. */
        OTHER
    }

    /**
     * An entry as the archive describes it, unchecked.
     *
     * @param name in the archive
     * @param size in bytes, unpacked
     * @param crc its CRC-32; -1 if the archive has none
     */
    record Entry(String name, Kind kind, long size, long crc) {}

    /** Whether a file of this name can be one. */
    static boolean isNamed(String file) {
        return NAME.matcher(file).matches();
    }

    /**
     * Opens an archive, of the kind that its name says.
     *
     * @throws IOException if it is not one
     */
    static Archive open(Path file) throws IOException {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".zip")) {
            return new Zip(file);
        }
        if (name.endsWith(".tar") || name.endsWith(".tar.gz") || name.endsWith(".tgz")) {
            return new Tar(file, !name.endsWith(".tar"));
        }
        throw new IOException("expected a name that ends with .zip, .tar, .tar.gz or .tgz");
    }

    /** The next entry; {@code null} after the last. */
    abstract @Nullable Entry next() throws IOException;

    /** The content of the entry that came last. */
    abstract InputStream content() throws IOException;

    private static final class Zip extends Archive {

        private final ZipFile zip;
        private final Iterator<ZipArchiveEntry> entries;
        private @Nullable ZipArchiveEntry entry;

        Zip(Path file) throws IOException {
            zip = ZipFile.builder().setPath(file).get();
            entries = zip.getEntriesInPhysicalOrder().asIterator();
        }

        @Override
        @Nullable
        Entry next() {
            if (!entries.hasNext()) {
                return null;
            }
            entry = entries.next();
            return new Entry(entry.getName(), kind(entry), entry.getSize(), entry.getCrc());
        }

        private Kind kind(ZipArchiveEntry entry) {
            int type = entry.getUnixMode() & UnixStat.FILE_TYPE_FLAG;
            if (type == UnixStat.LINK_FLAG) {
                return Kind.LINK;
            }
            if (entry.isDirectory()) {
                return Kind.FOLDER;
            }
            return (type == 0 || type == UnixStat.FILE_FLAG) && zip.canReadEntryData(entry) ? Kind.FILE : Kind.OTHER;
        }

        @Override
        InputStream content() throws IOException {
            return zip.getInputStream(entry);
        }

        @Override
        public void close() throws IOException {
            zip.close();
        }
    }

    private static final class Tar extends Archive {

        private final Ending tar;

        /** Knows whether it came to the mark of an end, which an archive lacks that was cut between two entries. */
        private static final class Ending extends TarArchiveInputStream {

            private boolean ended;

            Ending(InputStream in) {
                super(in);
            }

            @Override
            protected boolean isEOFRecord(byte @Nullable [] record) {
                boolean end = super.isEOFRecord(record);
                ended |= end && record != null;
                return end;
            }
        }

        Tar(Path file, boolean compressed) throws IOException {
            var in = new BufferedInputStream(Files.newInputStream(file));
            try {
                tar = new Ending(compressed ? decompressed(in) : in);
            } catch (IOException e) {
                in.close();
                throw e;
            }
        }

        private static InputStream decompressed(InputStream in) throws IOException {
            return GzipCompressorInputStream.builder()
                    .setInputStream(in)
                    .setDecompressConcatenated(true)
                    .get();
        }

        @Override
        @Nullable
        Entry next() throws IOException {
            var entry = tar.getNextEntry();
            if (entry == null && !tar.ended) {
                throw new EOFException();
            }
            return entry == null ? null : new Entry(entry.getName(), kind(entry), entry.getSize(), NO_CRC);
        }

        private static Kind kind(TarArchiveEntry entry) {
            if (entry.isSymbolicLink() || entry.isLink()) {
                return Kind.LINK;
            }
            if (entry.isDirectory()) {
                return Kind.FOLDER;
            }
            byte type = entry.getLinkFlag();
            boolean plain = type == TarConstants.LF_NORMAL || type == TarConstants.LF_OLDNORM;
            return plain && !entry.isSparse() ? Kind.FILE : Kind.OTHER;
        }

        @Override
        InputStream content() {
            return tar;
        }

        @Override
        public void close() throws IOException {
            tar.close();
        }
    }
}
