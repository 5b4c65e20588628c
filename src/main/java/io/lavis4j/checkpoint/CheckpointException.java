package io.lavis4j.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** A checkpoint file that cannot be read or written; the message begins with its path. */
public final class CheckpointException extends UncheckedIOException {

    CheckpointException(Path file, String message) {
        super(file + ": " + message, new IOException(message));
    }

    CheckpointException(Path file, String message, Throwable cause) {
        super(file + ": " + message, cause instanceof IOException io ? io : new IOException(message, cause));
    }
}
