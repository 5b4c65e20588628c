package io.lavis4j.dataset;

/** Annotations that cannot be used. */
public final class AnnotationException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** @param message names the file and the place in it, what was found and expected, and what to do */
    public AnnotationException(String message, Throwable cause) {
        super(message, cause);
    }

    /** @param message as above, of a fault of our own finding */
    public AnnotationException(String message) {
        super(message);
    }
}
