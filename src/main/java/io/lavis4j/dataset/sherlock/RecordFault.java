package io.lavis4j.dataset.sherlock;

import org.jspecify.annotations.Nullable;

/**
 * Why a record cannot be used.
 *
 * @param index the record's place in its file, from 0
 * @param instanceId {@code null} if it has none
 * @param key path of the value within the record; empty for the record as a whole
 * @param found the value, after a verb: {@code is -10}, {@code is missing}
 * @param expected the value that it should have
 */
public record RecordFault(int index, @Nullable String instanceId, String key, String found, String expected) {

    /** For messages: {@code record 1 (instance_id 1c99): inputs.bboxes[0].width is -10, expected 0 or more}. */
    @Override
    public String toString() {
        return "record %d%s: %s%s, expected %s"
                .formatted(
                        index,
                        instanceId == null ? "" : " (instance_id " + instanceId + ")",
                        key.isEmpty() ? "it " : key + " ",
                        found,
                        expected);
    }
}
