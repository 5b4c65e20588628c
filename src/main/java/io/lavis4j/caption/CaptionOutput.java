package io.lavis4j.caption;

import java.util.List;

/**
 * Where captions go. An image is asked about before it is captioned, in the order of the input, and written in the same
 * order. Belongs to one thread.
 */
public sealed interface CaptionOutput extends AutoCloseable permits RowFile, TextsBeside {

    /**
     * The prompts of the next image that are not done yet.
     *
     * @param prompts of the image, in their order
     * @throws IllegalStateException if what is written already is not of this image
     */
    List<String> remaining(SourceImage image, List<String> prompts);

    /**
     * Writes what came of the remaining prompts of an image.
     *
     * @throws java.io.UncheckedIOException if that cannot be written
     */
    void write(SourceImage image, List<Captioned> results);

    /**
     * The input has no further image.
     *
     * @throws IllegalStateException if more is written than the input has
     */
    void end();

    @Override
    void close();
}
