package io.lavis4j.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A new file or folder beside the one that it is to be moved over, {@code .NAME.UUID.tmp}. It is gone when this is
 * closed, and when a signal ends the process. A file is locked while it is written, so that {@link #sweep} finds what
 * processes left that were killed outright.
 */
public final class Temporary implements AutoCloseable {

    private static final Pattern NAME =
            Pattern.compile("\\.(.+)\\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\\.tmp");

    /**
     * The first half of the UUIDs of this process. Its files are not opened to see whether they are locked: closing
     * them would give up the lock.
     */
    private static final long PROCESS = UUID.randomUUID().getMostSignificantBits();

    private final Path path;
    private final Thread removal = new Thread(this::remove);

    private Temporary(Path path) {
        this.path = path;
    }

    /**
     * A new name; nothing is there yet.
     *
     * @throws IOException if the process is ending, and nothing would remove it
     */
    public static Temporary beside(Path target) throws IOException {
        var uuid = new UUID(PROCESS, UUID.randomUUID().getLeastSignificantBits());
        var temporary = new Temporary(
                target.toAbsolutePath().resolveSibling(".%s.%s.tmp".formatted(target.getFileName(), uuid)));
        try {
            Runtime.getRuntime().addShutdownHook(temporary.removal);
        } catch (IllegalStateException e) {
            throw new IOException("the process is ending", e);
        }
        return temporary;
    }

    /** The place of what is new. */
    public Path path() {
        return path;
    }

    /** Makes the file, and locks it until the channel is closed. */
    FileChannel open() throws IOException {
        while (true) {
            var out = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            lock(out);
            if (Files.exists(path)) {
                return out;
            }
            out.close(); // it was swept before it was locked
        }
    }

    @SuppressWarnings("EmptyCatch") // a file system without locks, where nothing is swept either
    private static void lock(FileChannel out) {
        try {
            out.lock();
        } catch (IOException ignored) {
            // the file is written without
        }
    }

    /** Removes the files in a folder that processes left which were killed; what a living one writes stays. */
    public static void sweep(Path folder) {
        sweep(folder, name -> true);
    }

    /** Like {@link #sweep(Path)}, of what was to replace one file. */
    static void sweepBeside(Path target) {
        var folder = target.toAbsolutePath().getParent();
        if (folder != null) {
            sweep(folder, target.getFileName().toString()::equals);
        }
    }

    @SuppressWarnings("EmptyCatch") // nothing is lost where a folder cannot be listed
    private static void sweep(Path folder, Predicate<String> names) {
        try (var entries = Files.newDirectoryStream(folder, ".*.tmp")) {
            for (var entry : entries) {
                var name = NAME.matcher(entry.getFileName().toString());
                if (name.matches()
                        && names.test(name.group(1))
                        && UUID.fromString(name.group(2)).getMostSignificantBits() != PROCESS) {
                    removeIfUnlocked(entry);
                }
            }
        } catch (IOException | DirectoryIteratorException ignored) {
            // what is in it stays
        }
    }

    @SuppressWarnings("EmptyCatch") // it stays, under a name that no reader looks for
    private static void removeIfUnlocked(Path file) {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE);
                var lock = channel.tryLock()) {
            if (lock != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | OverlappingFileLockException ignored) {
            // another process was faster, or whether it is locked cannot be known
        }
    }

    /** Removes what is still there. */
    @Override
    @SuppressWarnings("EmptyCatch") // the process is ending, and removes it on its own
    public void close() {
        remove();
        try {
            Runtime.getRuntime().removeShutdownHook(removal);
        } catch (IllegalStateException ignored) {
            // it is being run
        }
    }

    @SuppressWarnings("EmptyCatch") // the failure that matters is already on its way to the caller
    private void remove() {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (var files = Files.walk(path)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException ignored) {
            // left over under a name that no reader looks for
        }
    }
}
