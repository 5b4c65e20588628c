package io.lavis4j.checkpoint;

import io.lavis4j.io.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;

/** Replaces a checkpoint in one step. */
final class CheckpointFile {

    private CheckpointFile() {}

    /** @throws CheckpointException if that fails; the target is as it was */
    static void write(Path target, AtomicFile.Content content) {
        try {
            AtomicFile.replace(target, content);
        } catch (IOException e) {
            throw new CheckpointException(target, "cannot be written (what was there before is unchanged): " + e, e);
        }
    }
}
