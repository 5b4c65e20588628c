package io.lavis4j.dataset.record;

import org.jspecify.annotations.Nullable;

/** A value that is not as expected; caught where the record's place is known. */
public final class FaultyValueException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final String key;
    private final String found;
    private final String expected;

    /**
     * A value of a record.
     *
     * @param key its path within the record; empty for the record as a whole
     * @param found after a verb: {@code is -10}
     */
    public FaultyValueException(String key, String found, String expected) {
        super(key, null, false, false);
        this.key = key;
        this.found = found;
        this.expected = expected;
    }

    /** The fault of the record at a place; {@code id} its key and value, {@code null} if it has none. */
    public RecordFault at(String place, @Nullable String id) {
        return new RecordFault(place, id, key, found, expected);
    }
}
