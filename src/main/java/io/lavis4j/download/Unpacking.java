package io.lavis4j.download;

import io.lavis4j.io.FileNames;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks an archive, all of which is looked at before anything is written. Each file has its name when it is whole;
 * until all are, {@code ARCHIVE.unpacking} lies beside the archive, so that one which was interrupted goes on. Of
 * several processes one unpacks it.
 */
final class Unpacking {

    private static final int BUFFER = 1 << 16;

    private final Path archive;
    private final Path folder;
    private final Disk disk;
    private final Pauses pauses;
    private final TransferListener listener;

    /** @param folder that the archive's names are relative to */
    Unpacking(Path archive, Path folder, Disk disk, Pauses pauses, TransferListener listener) {
        this.archive = archive;
        this.folder = folder;
        this.disk = disk;
        this.pauses = pauses;
        this.listener = listener;
    }

    private static Path marker(Path archive) {
        return archive.resolveSibling(archive.getFileName() + ".unpacking");
    }

    /** Whether an archive has been unpacked in part. */
    static boolean isInterrupted(Path archive) {
        return Files.exists(marker(archive));
    }

    /**
     * Unpacks it.
     *
     * @throws IOException if it is refused, damaged or does not fit on the disk; the message has the archive
     */
    void run() throws IOException, InterruptedException {
        boolean goesOn = isInterrupted(archive);
        try (var marker = lockedMarker()) {
            if (marker == null) {
                return;
            }
            write(check(), goesOn);
            Files.delete(marker(archive));
        } catch (RefusedException e) {
            throw e;
        } catch (InvalidPathException e) {
            throw new RefusedException("%s cannot be unpacked: %s"
                    .formatted(archive, FileNames.explained(e).getMessage()));
        } catch (FileSystemException e) {
            if (goesOn || Files.exists(archive)) {
                throw new RefusedException("%s cannot be unpacked: %s".formatted(archive, Transfers.reason(e)));
            }
            Files.deleteIfExists(marker(archive)); // another process has unpacked and removed it just now
        } catch (IOException e) {
            throw new RefusedException("%s cannot be unpacked: %s; if it is damaged, remove it and fetch it again"
                    .formatted(archive, e instanceof EOFException ? "it ends in the middle" : e.getMessage()));
        }
    }

    /** The marker, locked; {@code null} if another process has unpacked it meanwhile. */
    private @Nullable FileChannel lockedMarker() throws IOException, InterruptedException {
        var channel = FileChannel.open(marker(archive), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean ours = false;
        try {
            for (boolean told = false; !ProcessLock.take(channel); told = true) {
                if (!told) {
                    listener.note(archive.getFileName() + " is being unpacked by another process, which is waited for");
                }
                pauses.pause(ProcessLock.AGAIN);
            }
            ours = Files.exists(marker(archive));
            return ours ? channel : null;
        } finally {
            if (!ours) {
                channel.close();
            }
        }
    }

    /** Size of all files, in bytes. */
    private long check() throws IOException {
        var contents = new ArchiveContents(Files.size(archive));
        try (var entries = Archive.open(archive)) {
            for (var entry = entries.next(); entry != null; entry = entries.next()) {
                contents.add(entry);
            }
        } catch (RefusedException e) {
            Files.deleteIfExists(marker(archive)); // nothing has been written
            throw new RefusedException("%s is not unpacked: %s; do not use it".formatted(archive, e.getMessage()));
        }
        return contents.bytes();
    }

    private void write(long total, boolean goesOn) throws IOException {
        var contents = new ArchiveContents(Files.size(archive));
        Files.createDirectories(folder);
        long done = 0;
        try (var entries = Archive.open(archive)) {
            for (var entry = entries.next(); entry != null; entry = entries.next()) {
                String name = contents.add(entry);
                if (name != null) {
                    var target = folder.resolve(name);
                    if (!goesOn || !Files.isRegularFile(target) || Files.size(target) != entry.size()) {
                        requireRoom(total - done);
                        write(entries, entry, target);
                    }
                    done += entry.size();
                    listener.at(archive.resolveSibling(archive.getFileName() + " (unpacking)"), done, total);
                }
            }
        }
    }

    private void requireRoom(long rest) throws IOException {
        long free = disk.free(folder);
        if (rest > free) {
            throw full(rest, free);
        }
    }

    private RefusedException full(long rest, long free) {
        return new RefusedException(
                "the disk of %s is full: %s needs %s more to be unpacked, %s are free; make room, and run the same command again, which goes on there"
                        .formatted(folder, archive.getFileName(), Units.bytes(rest), Units.bytes(free)));
    }

    private void write(Archive entries, Archive.Entry entry, Path target) throws IOException {
        Files.createDirectories(target.resolveSibling(".").normalize());
        var temporary = target.resolveSibling("." + target.getFileName() + ".unpacking");
        try (var out = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            copy(entries, entry, out);
        }
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    }

    private void copy(Archive entries, Archive.Entry entry, FileChannel out) throws IOException {
        var content = entries.content();
        var buffer = new byte[BUFFER];
        var crc = new CRC32();
        long size = 0;
        for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
            size += count;
            if (size > entry.size()) {
                throw new IOException("entry %s has more than the %d bytes that the archive says"
                        .formatted(entry.name(), entry.size()));
            }
            crc.update(buffer, 0, count);
            try {
                disk.write(out, ByteBuffer.wrap(buffer, 0, count));
            } catch (IOException e) {
                long free = disk.free(folder);
                throw free < BUFFER || String.valueOf(e.getMessage()).contains("No space left")
                        ? full(entry.size() - size + count, free)
                        : e;
            }
        }
        if (size != entry.size() || (entry.crc() >= 0 && crc.getValue() != entry.crc())) {
            throw new IOException("entry %s is not whole: %d of %d bytes, or other bytes than its checksum's"
                    .formatted(entry.name(), size, entry.size()));
        }
    }
}
