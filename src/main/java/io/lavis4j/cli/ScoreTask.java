package io.lavis4j.cli;

import io.lavis4j.metric.vqa.VqaAccuracy;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The tasks that {@code score} knows. */
enum ScoreTask {
    CAPTION(null),
    VQA(VqaAccuracy.VQA),
    OKVQA(VqaAccuracy.VQA),
    AOKVQA(VqaAccuracy.AOKVQA),
    GQA(VqaAccuracy.GQA);

    private final @Nullable VqaAccuracy accuracy;

    ScoreTask(@Nullable VqaAccuracy accuracy) {
        this.accuracy = accuracy;
    }

    /** {@code null} for captions. */
    @Nullable
    VqaAccuracy accuracy() {
        return accuracy;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
