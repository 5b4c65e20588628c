package io.lavis4j.image;

/** An image that is missing or cannot be decoded; the message begins with the file's name. */
public final class BrokenImageException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** @param message names the file, what is wrong with it, and what to do */
    public BrokenImageException(String message, Throwable cause) {
        super(message, cause);
    }

    /** @param message names the file, what is wrong with it, and what to do */
    public BrokenImageException(String message) {
        super(message);
    }
}
