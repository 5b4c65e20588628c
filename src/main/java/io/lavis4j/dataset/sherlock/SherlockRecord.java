package io.lavis4j.dataset.sherlock;

import io.lavis4j.image.Box;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One observation of the Sherlock corpus (arXiv:2202.04800): what somebody saw in a picture and concluded from it.
 *
 * @param url where the picture once was; {@link SherlockPaths} turns it into a file
 * @param width of the picture as declared, pixels, at least 1
 * @param height of the picture as declared, pixels, at least 1
 * @param boxes the regions, at least one, in pixels of the declared size; they may reach beyond the picture
 * @param clue what is seen; {@code null} if unknown
 * @param confidence 1 possible, 2 likely, 3 certain; {@code null} if unknown
 * @param obsIdx which observation of its picture, from 0
 * @param inference what was concluded, not blank
 * @param instanceId the record's name, 32 hexadecimal digits in the published files
 * @param splitIdx which of the validation splits; {@code null} outside of them
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
