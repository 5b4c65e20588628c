package io.lavis4j.features;

import java.nio.ByteBuffer;

/** Rows of one length by their keys. Any thread reads, one at a time writes. */
sealed interface FeatureStore extends AutoCloseable permits MemoryStore, DiskStore {

    /** How many rows there are. */
    int size();

    /**
     * Copies a row to {@code place}, whose position stays.
     *
     * @return whether there is one; if there is none, {@code place} may hold anything
     */
    boolean read(Fingerprint key, ByteBuffer place);

    /** Keeps a copy of a row, unless there is one under its key. */
    void write(Fingerprint key, ByteBuffer row);

    /** Nobody may be reading. */
    @Override
    void close();
}
