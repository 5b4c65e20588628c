package io.lavis4j.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Replaces a file in one step: readers see the old content or the new, whatever happens in between. */
final class AtomicFile {

    /** Writes the new content from the channel's start. */
    interface Content {
        void writeTo(FileChannel out) throws IOException;
    }

    private AtomicFile() {}

    /**
     * Writes a temporary file beside the target, syncs it to the disk and moves it over the target.
     *
     * @throws CheckpointException if that fails; the target is as it was and the temporary file is gone
     */
    static void write(Path target, Content content) {
        var folder = target.toAbsolutePath().getParent();
        if (folder == null) {
            throw new CheckpointException(target, "is not a file name");
        }
        var temporary = folder.resolve(".%s.%s.tmp".formatted(target.getFileName(), UUID.randomUUID()));
        try {
            try (var out = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                content.writeTo(out);
                out.force(true);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            try (var entry = FileChannel.open(folder)) {
                entry.force(true);
            }
        } catch (IOException e) {
            throw new CheckpointException(target, "cannot be written (what was there before is unchanged): " + e, e);
        } finally {
            remove(temporary);
        }
    }

    /** Writes the whole buffer. */
    static void writeFully(FileChannel out, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            out.write(buffer);
        }
    }

    @SuppressWarnings("EmptyCatch") // the failure that matters is already on its way to the caller
    private static void remove(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException ignored) {
            // left behind under a name that no reader looks for
        }
    }
}
