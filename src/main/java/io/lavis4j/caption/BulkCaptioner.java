package io.lavis4j.caption;

import io.lavis4j.task.Captioner;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Captions of many images. Images are read by threads a few batches ahead of the model. A batch holds prompts of the
 * same number of tokens, so that it has no padding and gives each image the captions that it has alone; with prompts of
 * several lengths they are sorted within a window of four batches. What is written is in the order of the input.
 *
 * @param captioner the model and how it searches
 * @param options batches, threads and prompts
 */
public record BulkCaptioner(Captioner captioner, BulkOptions options) {

    /**
     * Captions the images of all inputs; those that the output has already are passed over.
     *
     * @param images folder that relative paths of lists are below; {@code null} for that of each list
     * @param standardInput read, and then closed, if that is an input
     * @throws java.io.UncheckedIOException if an input cannot be read to its end, after all before that is written, or
     *     the output cannot be written
     * @throws IllegalStateException if what the output has already is not of these inputs
     */
    public BulkTally run(
            List<CaptionInput> inputs,
            @Nullable Path images,
            InputStream standardInput,
            CaptionOutput out,
            BulkListener listener) {
        try (var stream = new JoinedImages(inputs, input -> input.open(images, standardInput))) {
            return run(stream, out, listener);
        }
    }

    BulkTally run(ImageStream images, CaptionOutput out, BulkListener listener) {
        try (var run = new CaptionRun(captioner, options, images, out)) {
            return run.run(listener);
        }
    }
}
