package io.lavis4j.dataset.sherlock;

import io.lavis4j.image.Box;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One observation of the Sherlock corpus (arXiv:2202.04800): what somebody saw in an image and concluded from it.
 *
 * @param url former address of the image; {@link SherlockPaths} turns it into a file
 * @param width of the image as declared, pixels, at least 1
 * @param height of the image as declared, pixels, at least 1
 * @param boxes the regions, at least one, in pixels of the declared size; they may reach beyond the image
 * @param clue the thing that is seen; {@code null} if unknown
 * @param confidence 1 possible, 2 likely, 3 certain; {@code null} if unknown
 * @param obsIdx index of the observation in its image, from 0
 * @param inference the conclusion, not blank
 * @param instanceId the record's name, 32 hexadecimal digits in the published files
 * @param splitIdx index of the validation split; {@code null} outside of them
 */
public record SherlockRecord(
        String url,
        int width,
        int height,
        List<Box> boxes,
        @Nullable String clue,
        @Nullable Double confidence,
        int obsIdx,
        String inference,
        String instanceId,
        @Nullable Integer splitIdx) {

    public SherlockRecord {
        boxes = List.copyOf(boxes);
    }
}
