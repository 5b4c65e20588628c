package io.lavis4j.dataset.sherlock;

import io.lavis4j.image.Box;
import java.util.List;

/**
 * An image with a region, and the inferences that the leaderboard wants scored with it.
 *
 * @param url former address of the image; {@link SherlockPaths} turns it into a file
 * @param width of the image as declared, pixels
 * @param height of the image as declared, pixels
 * @param boxes the region, at least one, in pixels of the declared size
 * @param inferences at least one
 * @param testIds of the scores, one for each inference
 */
public record SherlockCandidates(
        String url, int width, int height, List<Box> boxes, List<String> inferences, List<String> testIds) {

    public SherlockCandidates {
        boxes = List.copyOf(boxes);
        inferences = List.copyOf(inferences);
        testIds = List.copyOf(testIds);
        if (inferences.size() != testIds.size()) {
            throw new IllegalArgumentException("expected as many inferences as test ids, got %d and %d"
                    .formatted(inferences.size(), testIds.size()));
        }
    }
}
