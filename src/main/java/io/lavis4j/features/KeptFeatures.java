package io.lavis4j.features;

import io.lavis4j.processor.PixelBuffer;
import io.lavis4j.tensor.Scopes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of the images of a batch: a row of bytes for each whose features were there when it was loaded. The
 * thread that made it frees it.
 */
public final class KeptFeatures implements AutoCloseable {

    private final VisionFeatures features;
    private final List<ImagePlace> places = new ArrayList<>();
    private @Nullable Tensor rows;

    /**
     * Places for images and their features.
     *
     * @param pixels of the images, B
     * @param pinned whether the memory is pinned, to be copied without waiting
     */
    public KeptFeatures(VisionFeatures features, List<PixelBuffer> pixels, boolean pinned) {
        this.features = features;
        var memory = Scopes.retained(() -> torch.empty(
                new long[] {pixels.size(), features.bytes()},
                new TensorOptions(ScalarType.Byte).pinned_memory(new BoolOptional(pinned)),
                null));
        var pieces = HostBytes.pieces(memory, features.bytes());
        for (int i = 0; i < pieces.size(); i++) {
            places.add(ImagePlace.of(pixels.get(i), features, pieces.get(i)));
        }
        rows = memory;
    }

    /** Where loaders bring the images, B. */
    public List<ImagePlace> places() {
        return places;
    }

    /**
     * Takes the rows to the device once all images have been brought; where none has features, nothing is taken.
     *
     * @param copy closes what it is given
     */
    public void take(UnaryOperator<Tensor> copy) {
        var host = rows;
        if (host == null) {
            throw new IllegalStateException("the rows have been taken already, or closed");
        }
        rows = null;
        if (places.stream().anyMatch(ImagePlace::isKept)) {
            rows = copy.apply(host);
        } else {
            host.close();
        }
    }

    /** The rows, (B, bytes), uint8; {@code null} once it is known that no image has one. */
    public @Nullable Tensor rows() {
        return rows;
    }

    /**
     * The features of all images, as {@link VisionFeatures#of}.
     *
     * @param images (B, 3, S, S), of which those that are not kept are looked at
     * @return (B, N, D), of the caller's scope
     */
    public Tensor all(Tensor images) {
        return features.of(images, this);
    }

    /** The numbers of the images whose pixels were brought. */
    int[] missing() {
        return IntStream.range(0, places.size()).filter(i -> !isKept(i)).toArray();
    }

    /** Whether an image has features, and no pixels. */
    public boolean isKept(int image) {
        return places.get(image).isKept();
    }

    Fingerprint key(int image) {
        return places.get(image).key();
    }

    @Override
    public void close() {
        if (rows != null) {
            rows.close();
            rows = null;
        }
    }
}
