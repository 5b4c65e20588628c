package io.lavis4j.features;

import io.lavis4j.tensor.Tensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Features of one shape as they are kept: a row of bytes for each image.
 *
 * @param type in which they are kept
 * @param dtype of the encoder's output
 * @param tokens of an image, N
 * @param width of a token, D
 */
record FeatureCodec(FeatureType type, ScalarType dtype, int tokens, int width) {

    /**
     * The codec for features.
     *
     * @param output (B, N, D) of the encoder
     */
    static FeatureCodec of(Tensor output, FeatureType type) {
        return new FeatureCodec(
                type, Tensors.dtype(output), Math.toIntExact(output.size(1)), Math.toIntExact(output.size(2)));
    }

    /** The same in another type. */
    FeatureCodec in(FeatureType other) {
        return new FeatureCodec(other, dtype, tokens, width);
    }

    /** Whether unpacked features are those that were packed, bit for bit. */
    boolean isExact() {
        return type == FeatureType.FP32 || type == FeatureType.of(dtype);
    }

    /** Bytes of an image. */
    int bytes() {
        return Math.multiplyExact(tokens, type.bytes(width));
    }

    /**
     * Packs features.
     *
     * @param features (B, N, D)
     * @return (B, bytes), uint8
     */
    Tensor pack(Tensor features) {
        return type.pack(features).view(features.size(0), bytes());
    }

    /**
     * Unpacks features.
     *
     * @param rows (B, bytes), uint8, contiguous
     * @return (B, N, D) in the encoder's dtype
     */
    Tensor unpack(Tensor rows) {
        return type.unpack(rows.view(rows.size(0), tokens, type.bytes(width)), dtype);
    }

    /**
     * The error of features that were packed.
     *
     * @param mean sum of all errors as a share of the sum of all numbers, signs left out
     * @param largest largest error as a share of the largest number of its token
     */
    record Loss(double mean, double largest) {}

    /** What packing loses of features, (B, N, D); waits for the device. */
    Loss loss(Tensor features) {
        try (var scope = new PointerScope()) {
            var exact = features.to(ScalarType.Double);
            var error = unpack(pack(features)).to(ScalarType.Double).sub(exact).abs();
            var size = exact.abs();
            double mean = error.sum().item_double() / Math.max(size.sum().item_double(), Double.MIN_NORMAL);
            var ofToken = size.amax(new long[] {-1}, true).clamp_min(Tensors.scalar(Double.MIN_NORMAL)); // (B, N, 1)
            return new Loss(mean, error.div(ofToken).max().item_double());
        }
    }
}
