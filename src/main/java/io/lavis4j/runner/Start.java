package io.lavis4j.runner;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The place where training begins.
 *
 * @param state of the run
 * @param validated whether the segment that ends there is logged and validated
 * @param saved the checkpoint it is from; {@code null} for the beginning of a run
 * @param logs lengths of the log's files there, bytes, to which they are cut back; {@code null} in a new directory
 */
record Start(
        RunState state,
        boolean validated,
        @Nullable SavedRun saved,
        @Nullable Map<String, Long> logs) {

    static final Start NEW = new Start(RunState.NEW, false, null, null);

    /** The run's own directory, {@code null} for a new one. */
    @Nullable
    RunDirectory directory() {
        return saved == null || logs == null ? null : RunDirectory.of(saved.file());
    }
}
