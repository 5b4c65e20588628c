package io.lavis4j.dataset.record;

import org.jspecify.annotations.Nullable;

/**
 * Makes records of the fields in a file.
 *
 * @param <R> what a data set knows of a sample
 */
public interface RecordReader<R> {

    /** @throws FaultyValueException at the first value that cannot be used */
    R read(Fields record);

    /** The key of the field that names a record in messages: {@code instance_id}. */
    String idKey();

    /** Whether a file may be an object of id to record, whose ids become the field {@code sample_id}. */
    default boolean isKeyed() {
        return false;
    }

    /**
     * The key of a record's result, which no other may have in evaluation; {@code null} where a result is of several
     * records.
     */
    @Nullable
    String id(R record);
}
