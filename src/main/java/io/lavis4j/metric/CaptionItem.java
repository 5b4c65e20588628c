package io.lavis4j.metric;

import io.lavis4j.io.Listing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One caption to judge and what it is compared with.
 *
 * @param id of the image, unique in a corpus
 * @param hypothesis the model's caption, possibly empty
 * @param references at least one
 */
public record CaptionItem(String id, String hypothesis, List<String> references) {

    /** @throws IllegalArgumentException if there is no hypothesis or no reference, naming the id */
    public CaptionItem {
        if (hypothesis == null) {
            throw new IllegalArgumentException("item %s has no hypothesis; every item needs exactly one".formatted(id));
        }
        if (references == null || references.isEmpty()) {
            throw new IllegalArgumentException("item %s has no reference; every item needs at least one".formatted(id));
        }
        references = List.copyOf(references);
    }

    /**
     * Joins both sides of an evaluation, in the order of the references.
     *
     * @throws IllegalArgumentException if an id is missing on one side, naming all such ids
     */
    public static List<CaptionItem> join(Map<String, String> hypotheses, Map<String, List<String>> references) {
        require(
                "without hypothesis",
                references.keySet().stream()
                        .filter(id -> hypotheses.get(id) == null)
                        .toList());
        require(
                "without references",
                hypotheses.keySet().stream()
                        .filter(id -> !references.containsKey(id))
                        .toList());
        require(
                "with an empty list of references",
                references.keySet().stream()
                        .filter(id -> references.getOrDefault(id, List.of()).isEmpty())
                        .toList());
        var items = new ArrayList<CaptionItem>(references.size());
        references.forEach((id, texts) -> items.add(new CaptionItem(id, hypotheses.getOrDefault(id, ""), texts)));
        return items;
    }

    private static void require(String what, List<String> ids) {
        if (!ids.isEmpty()) {
            throw new IllegalArgumentException("%d items %s: %s; give each id one hypothesis and at least one reference"
                    .formatted(ids.size(), what, Listing.ofIds(ids)));
        }
    }
}
