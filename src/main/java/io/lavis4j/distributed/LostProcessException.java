package io.lavis4j.distributed;

/** Another process of the group has ended, or gives no sign of life; the message names it and says what is known. */
public final class LostProcessException extends IllegalStateException {

    private static final long serialVersionUID = 1;

    LostProcessException(String message) {
        super(message);
    }
}
