package io.lavis4j.dataset.record;

import org.jspecify.annotations.Nullable;

/**
 * Why a record cannot be used.
 *
 * @param place of the record in its file: {@code record 1}, counted from 0, or {@code line 7}, counted from 1
 * @param id its key and value, {@code instance_id 1c99}; {@code null} if it has none
 * @param key path of the value within the record; empty for the record as a whole
 * @param found the value, after a verb: {@code is -10}, {@code is missing}
 * @param expected the value that it should have
 */
public record RecordFault(String place, @Nullable String id, String key, String found, String expected) {

    /** For messages: {@code record 1 (instance_id 1c99): inputs.bboxes[0].width is -10, expected 0 or more}. */
    @Override
    public String toString() {
        return "%s%s: %s%s, expected %s"
                .formatted(
                        place, id == null ? "" : " (" + id + ")", key.isEmpty() ? "it " : key + " ", found, expected);
    }
}
