package io.lavis4j.check;

import io.lavis4j.image.BrokenImageException;
import io.lavis4j.image.Regions;
import io.lavis4j.processor.ImagePipeline;
import io.lavis4j.processor.ImageProcessor;
import io.lavis4j.processor.ImageProcessors;
import io.lavis4j.processor.ImageSize;
import io.lavis4j.processor.PixelBuffer;
import io.lavis4j.processor.SeededSampleRandom;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * An image as it was found.
 *
 * @param name of the file
 * @param size {@code null} if it cannot be read
 * @param content digest; 0 where it was not made
 * @param problem the message of whoever reads it; {@code null} for none
 * @param isMissing whether there is no file
 */
record ImageFile(
        String name,
        @Nullable ImageSize size,
        long content,
        @Nullable String problem,
        boolean isMissing) {

    private static final int SIDE = 32;

    /** The whole of an image, which must be decoded to its last row. */
    private static final ImageProcessor WHOLE = ImageProcessors.blipImageEval(SIDE);

    /**
     * Looks at a file.
     *
     * @param quick looks at its header alone
     */
    static ImageFile of(Path file, ImagePipeline pipeline, boolean quick) {
        String name = file.toString();
        try {
            if (!quick) {
                pipeline.load(file, Regions.NONE, WHOLE, SeededSampleRandom.of(0, 0, 0), place());
            }
            return new ImageFile(name, ImageSize.of(file), quick ? 0 : Digest.ofContent(file), null, false);
        } catch (BrokenImageException e) {
            return new ImageFile(name, null, 0, e.getMessage(), Files.notExists(file));
        } catch (IOException e) {
            return new ImageFile(name, null, 0, "%s: cannot be read (%s); check the file".formatted(name, e), false);
        }
    }

    /** Looks at the content of a file; its digest is always made. */
    static ImageFile of(byte[] content, String name, ImagePipeline pipeline, boolean quick) {
        long digest = Digest.of(content);
        try {
            if (!quick) {
                pipeline.load(content, "its image", Regions.NONE, WHOLE, SeededSampleRandom.of(0, 0, 0), place());
            }
            return new ImageFile(name, ImageSize.of(content, "its image"), digest, null, false);
        } catch (BrokenImageException e) {
            return new ImageFile(name, null, digest, name + ": " + e.getMessage(), false);
        }
    }

    private static PixelBuffer place() {
        return PixelBuffer.of(FloatBuffer.allocate(3 * SIDE * SIDE));
    }
}
