package io.lavis4j.zoo;

import io.lavis4j.nn.LoadReport;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * The names that each file gave to a model, all as in the whole model's state dict. A tensor of another shape than the
 * model's is never skipped: it is an error, and there is no report then.
 *
 * @param steps the files in the order in which they were loaded
 * @param missing parameters that no file held, the checkpoint of a run included; filled as the reference fills them
 *     before training
 */
public record LoadingReport(List<Step> steps, List<String> missing) {

    /**
     * One file.
     *
     * @param part what it fills, in words
     * @param report of this file; what another file is there to hold is not missing from it
     */
    public record Step(String part, Path file, LoadReport report) {

        @Override
        public String toString() {
            return "%s from %s: %s".formatted(part, file, report);
        }
    }

    public LoadingReport {
        steps = List.copyOf(steps);
        missing = List.copyOf(missing);
    }

    /** Names that at least one file filled. */
    public List<String> loaded() {
        return all(LoadReport::loaded);
    }

    /** Names that a checkpoint of the whole leaves to other files, frozen when it was saved. */
    public List<String> missingByDesign() {
        return all(LoadReport::missingFrozen);
    }

    /** Names that files hold and the model has no place for. */
    public List<String> unexpected() {
        return all(LoadReport::unexpected);
    }

    private List<String> all(Function<LoadReport, List<String>> names) {
        return steps.stream()
                .flatMap(step -> names.apply(step.report()).stream())
                .distinct()
                .toList();
    }

    @Override
    public String toString() {
        var all = new LoadReport(loaded(), missingByDesign(), missing, unexpected());
        return "%d files: %s".formatted(steps.size(), all) + (missing.isEmpty() ? "" : "; the missing are initialised");
    }
}
