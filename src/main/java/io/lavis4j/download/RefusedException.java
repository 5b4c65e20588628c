package io.lavis4j.download;

import java.io.IOException;

/** What no further attempt would mend; the message says what to do. */
final class RefusedException extends IOException {

    private static final long serialVersionUID = 1;

    RefusedException(String message) {
        super(message);
    }
}
