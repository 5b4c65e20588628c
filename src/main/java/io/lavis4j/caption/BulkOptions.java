package io.lavis4j.caption;

import static io.lavis4j.io.Arguments.require;

import io.lavis4j.dataset.Share;
import io.lavis4j.image.Box;
import java.util.List;

/**
 * How many images are captioned.
 *
 * @param batchSize images and prompts that the model sees at once, B
 * @param numWorkers threads that read images; 0 reads them between batches
 * @param share of the images that this process captions: every {@code world}-th from the {@code rank}-th on
 * @param prompts of images without their own, one or more
 * @param boxes in pixels, of images without their own
 */
public record BulkOptions(int batchSize, int numWorkers, Share share, List<String> prompts, List<Box> boxes) {

    public BulkOptions {
        require(batchSize >= 1, "expected a batch size of at least 1, got %d", batchSize);
        require(numWorkers >= 0, "expected 0 or more workers, got %d", numWorkers);
        require(!prompts.isEmpty(), "expected at least one prompt, got none");
        prompts = List.copyOf(prompts);
        boxes = List.copyOf(boxes);
    }
}
