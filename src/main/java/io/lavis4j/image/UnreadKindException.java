package io.lavis4j.image;

import java.io.IOException;

/** A file that may be whole but is of a kind of its format that is not read. */
final class UnreadKindException extends IOException {

    private static final long serialVersionUID = 1;

    /** @param kind follows "is", as "a TIFF image in CIE L*a*b*" */
    UnreadKindException(String kind) {
        this(kind, "is not read");
    }

    /** @param why follows "which" */
    UnreadKindException(String kind, String why) {
        super("%s, which %s".formatted(kind, why));
    }
}
