package io.lavis4j.download;

import io.lavis4j.io.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * What of a file is here already, {@code NAME.part}, with its {@link Validator} in {@code NAME.part.json}. While it is
 * open it is locked, so that one process alone writes it; the system unlocks that of a dead one.
 */
final class PartFile implements AutoCloseable {

    private final Path target;
    private final Path part;
    private final Path validatorFile;
    private final Disk disk;
    private final FileChannel channel;
    private @Nullable Validator validator;

    private PartFile(Path target, Disk disk, FileChannel channel) {
        this.target = target;
        this.part = part(target);
        this.validatorFile = beside(target, ".part.json");
        this.disk = disk;
        this.channel = channel;
        this.validator = Validator.read(validatorFile);
    }

    private static Path part(Path target) {
        return beside(target, ".part");
    }

    private static Path beside(Path target, String ending) {
        return target.resolveSibling(target.getFileName() + ending);
    }

    /** How much of a file is here, in bytes. */
    static long here(Path target) throws IOException {
        return Files.exists(part(target)) ? Files.size(part(target)) : 0;
    }

    /**
     * Opens the part of a file, and makes it if there is none.
     *
     * @return {@code null} while another process writes it
     */
    static @Nullable PartFile open(Path target, Disk disk) throws IOException {
        if (Files.isDirectory(target)) {
            throw new RefusedException(
                    "%s is a folder; expected a file or nothing there, remove it or move it away".formatted(target));
        }
        Files.createDirectories(target.toAbsolutePath().resolveSibling(".").normalize());
        var channel = FileChannel.open(
                part(target), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        boolean ours = false;
        try {
            ours = ProcessLock.take(channel);
            return ours ? new PartFile(target, disk, channel) : null;
        } finally {
            if (!ours) {
                channel.close();
            }
        }
    }

    /** Whether another process has finished the file since, and what is open here is not a part any more. */
    boolean isFinished() throws IOException {
        boolean finished = Files.isRegularFile(target);
        if (finished && Files.exists(part) && channel.size() == 0) {
            Files.delete(part); // made by this process just now
        }
        return finished;
    }

    long size() throws IOException {
        return channel.size();
    }

    /** What the server said of the bytes that are here; {@code null} if there are none. */
    @Nullable
    Validator validator() {
        return validator;
    }

    /**
     * Drops what is here; what follows is of another response. The empty file stays, as another process may wait for
     * its lock.
     */
    void startOver(@Nullable Validator of) throws IOException {
        channel.truncate(0);
        channel.position(0);
        validator = of;
        if (of == null) {
            Files.deleteIfExists(validatorFile);
        } else {
            of.write(validatorFile);
        }
    }

    /** Adds bytes at the end. */
    void append(ByteBuffer bytes) throws IOException {
        channel.position(channel.size());
        int count = bytes.remaining();
        try {
            disk.write(channel, bytes);
        } catch (IOException e) {
            throw unwritable(count, e);
        }
    }

    private IOException unwritable(long count, IOException e) throws IOException {
        long free = disk.free(folder());
        Long size = validator == null ? null : validator.size();
        return free < count || String.valueOf(e.getMessage()).contains("No space left")
                ? full(size == null ? "more than " + Units.bytes(count) : Units.bytes(size - size()), free)
                : new RefusedException("%s cannot be written (%s)".formatted(part, e.getMessage()));
    }

    /** Says so where the rest of a file would not fit. */
    void requireRoom(long rest) throws IOException {
        long free = disk.free(folder());
        if (rest > free) {
            throw full(Units.bytes(rest), free);
        }
    }

    private RefusedException full(String rest, long free) throws IOException {
        return new RefusedException(
                ("the disk of %s is full: %s needs %s more, %s are free. %s of it are kept in %s; make room, and run the"
                                + " same command again, which goes on there")
                        .formatted(
                                folder(),
                                target.getFileName(),
                                rest,
                                Units.bytes(free),
                                Units.bytes(size()),
                                part.getFileName()));
    }

    private Path folder() {
        return target.toAbsolutePath().resolveSibling(".").normalize();
    }

    /** The checksum of what is here; read through the channel, as closing another would unlock it. */
    Checksum checksum(Checksum.Kind kind) throws IOException {
        return Checksum.of(kind, channel);
    }

    /** Gives the whole and checked file its final name. */
    void finish() throws IOException {
        channel.force(true);
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
        Files.deleteIfExists(validatorFile);
        AtomicFile.sync(folder());
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
