package io.lavis4j.caption;

import java.util.Iterator;

/**
 * Images in an order that is the same each time; one is known ahead at most. Belongs to one thread.
 *
 * <p>Both methods of the iterator throw {@link java.io.UncheckedIOException} where the input cannot be read on.
 */
interface ImageStream extends Iterator<SourceImage>, AutoCloseable {

    /** The part of the input that has been read, from 0 to 1; NaN if that cannot be known. */
    double share();

    @Override
    void close();
}
