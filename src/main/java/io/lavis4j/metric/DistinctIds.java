package io.lavis4j.metric;

import io.lavis4j.io.Listing;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;

/** The ids of items to score: at least one, and none twice. */
public final class DistinctIds {

    private DistinctIds() {}

    /** @throws IllegalArgumentException if there is no id, or if some occur again, naming those */
    public static void require(List<String> ids) {
        if (ids.isEmpty()) {
            throw new IllegalArgumentException("no items to score; expected at least one");
        }
        var seen = new HashSet<String>();
        var repeated = new LinkedHashSet<String>();
        for (var id : ids) {
            if (!seen.add(id)) {
                repeated.add(id);
            }
        }
        if (!repeated.isEmpty()) {
            throw new IllegalArgumentException("%d ids occur more than once: %s; give each id one result"
                    .formatted(repeated.size(), Listing.ofIds(repeated)));
        }
    }
}
