package io.lavis4j.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Replaces a file in one step: readers see the old content or the new, whatever happens in between. */
public final class AtomicFile {

    /** Writes the new content from the channel's start. */
    @FunctionalInterface
    public interface Content {
        void writeTo(FileChannel out) throws IOException;
    }

    private AtomicFile() {}

    /**
     * Writes a {@link Temporary} file beside the target, syncs it to the disk and moves it over the target.
     *
     * @throws UncheckedIOException if that fails; the target is as it was and the temporary file is gone
     */
    public static void write(Path target, Content content) {
        try {
            replace(target, content);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "%s cannot be written (%s); what was there before is unchanged; %s"
                            .formatted(target.toAbsolutePath(), e, remedy(target)),
                    e);
        }
    }

    /** Like {@link #write(Path, Content)}, of a text in UTF-8. */
    public static void write(Path target, String text) {
        write(target, out -> writeFully(out, StandardCharsets.UTF_8.encode(text)));
    }

    /** Like {@link #write(Path, Content)}, for callers with a message of their own. */
    public static void replace(Path target, Content content) throws IOException {
        var folder = target.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IOException("expected the name of a file");
        }
        Temporary.sweepBeside(target);
        try (var temporary = Temporary.beside(target)) {
            try (var out = temporary.open()) {
                content.writeTo(out);
                out.force(true);
                Files.move(temporary.path(), target, StandardCopyOption.ATOMIC_MOVE);
            }
            sync(folder);
        }
    }

    /** Has the names in a folder on the disk. */
    public static void sync(Path folder) throws IOException {
        try (var entries = FileChannel.open(folder)) {
            entries.force(true);
        }
    }

    /** Replaces a file by a copy of another, in one step. */
    public static void copy(Path from, Path target) {
        write(target, out -> Files.copy(from, Channels.newOutputStream(out)));
    }

    /** Writes the whole buffer. */
    public static void writeFully(FileChannel out, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            out.write(buffer);
        }
    }

    private static String remedy(Path target) {
        var folder = target.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            return "make the folder first";
        }
        if (Files.isDirectory(target)) {
            return "it is a folder, name a file in it";
        }
        return Files.isWritable(folder) ? "is the disk full?" : "choose a folder that may be written to";
    }
}
