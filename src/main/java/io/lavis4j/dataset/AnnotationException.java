package io.lavis4j.dataset;

import java.io.UncheckedIOException;

/** Annotations that cannot be used. */
public final class AnnotationException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** A file that cannot be read; the cause says which and what to do. */
    public AnnotationException(UncheckedIOException cause) {
        super(cause.getMessage(), cause);
    }

    /** @param message names the file and the place in it, what was found and expected, and what to do */
    public AnnotationException(String message) {
        super(message);
    }
}
