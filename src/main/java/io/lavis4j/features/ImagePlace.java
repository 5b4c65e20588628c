package io.lavis4j.features;

import io.lavis4j.processor.PixelBuffer;
import io.lavis4j.processor.SampleRandom;
import java.nio.ByteBuffer;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The place of an image in a batch: for its pixels or, where they are kept, for its features. One thread fills it. */
public final class ImagePlace {

    private final PixelBuffer pixels;
    private final @Nullable VisionFeatures features;
    private final ByteBuffer row;
    private @Nullable Fingerprint key;
    private boolean kept;

    private ImagePlace(PixelBuffer pixels, @Nullable VisionFeatures features, ByteBuffer row) {
        this.pixels = pixels;
        this.features = features;
        this.row = row;
    }

    /** A place for pixels alone. */
    public static ImagePlace of(PixelBuffer pixels) {
        return new ImagePlace(pixels, null, ByteBuffer.allocate(0));
    }

    /** A place for pixels or a row of kept features. */
    static ImagePlace of(PixelBuffer pixels, VisionFeatures features, ByteBuffer row) {
        return new ImagePlace(pixels, features, row);
    }

    /**
     * Brings the image here. Its features are looked for first; pixels are then of the view that is to be kept, and
     * what else is random about the sample does not depend on where they came from.
     *
     * @param epoch in which it is seen
     * @param draws of the sample, for an image that is not kept
     * @param decode writes the pixels that these draws give
     */
    public void fill(View view, int epoch, SampleRandom draws, BiConsumer<SampleRandom, PixelBuffer> decode) {
        if (features == null) {
            decode.accept(draws, pixels.duplicate());
            return;
        }
        int number = features.number(view.processor(), epoch);
        var wanted = view.key(features.seed(), number);
        kept = features.read(wanted, row);
        if (!kept) {
            decode.accept(view.draws(features.seed(), number), pixels.duplicate());
        }
        key = wanted;
    }

    /** Whether features were brought, and no pixels. */
    boolean isKept() {
        return kept;
    }

    /** The key of the view that was brought. */
    Fingerprint key() {
        if (key == null) {
            throw new IllegalStateException("no image has been brought here");
        }
        return key;
    }
}
