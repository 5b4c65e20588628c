package io.lavis4j.nn;

import io.lavis4j.io.Listing;
import java.util.List;

/**
 * The outcome for each name when a state dict was loaded.
 *
 * @param loaded names whose values were taken over
 * @param missingFrozen parameters not in the state dict that are not trained, as released checkpoints leave them out
 * @param missing other parameters and buffers that the state dict lacks
 * @param unexpected names in the state dict that the module does not have
 */
public record LoadReport(
        List<String> loaded, List<String> missingFrozen, List<String> missing, List<String> unexpected) {

    private static final int SHOWN = 8;

    public LoadReport {
        loaded = List.copyOf(loaded);
        missingFrozen = List.copyOf(missingFrozen);
        missing = List.copyOf(missing);
        unexpected = List.copyOf(unexpected);
    }

    /**
     * Refuses a state dict that leaves out something that is trained or has a name too many, as the reference's strict
     * loading does (except that frozen parameters may be missing).
     *
     * @param source the file, for the message
     */
    public LoadReport requireComplete(String source) {
        if (!missing.isEmpty() || !unexpected.isEmpty()) {
            throw new IllegalArgumentException(source + " does not fit this model: " + this
                    + "; check that model type and checkpoint belong together");
        }
        return this;
    }

    @Override
    public String toString() {
        return "%d loaded%s%s%s"
                .formatted(
                        loaded.size(),
                        part("missing by design (frozen)", missingFrozen),
                        part("missing", missing),
                        part("unexpected", unexpected));
    }

    private static String part(String title, List<String> names) {
        if (names.isEmpty()) {
            return "";
        }
        return ", %d %s [%s]".formatted(names.size(), title, Listing.of(names, SHOWN));
    }
}
