package io.lavis4j.model;

import static io.lavis4j.io.Arguments.require;

import io.lavis4j.nn.Module;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.Tensors;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A vision transformer as BLIP-2 uses it: all tokens of the last block that is run, without a final norm. */
public interface VisionEncoder {

    /**
     * Encodes images.
     *
     * @param image (B, 3, S, S), float32, normalised; S is the configured image size
     * @return (B, N+1, D), class token first, N = (S/14)^2
     */
    Tensor forward(Tensor image);

    /** Width of the output, D. */
    int numFeatures();

    /** Side of the square images, in pixels. */
    int imageSize();

    /**
     * Index of a parameter for layer-wise learning-rate decay.
     *
     * @param name without the prefix {@code visual_encoder.}
     */
    int getNumLayer(String name);

    /** The index of what comes after the last block, L. */
    int getNumLayer();

    /** Recomputes each block in backward; {@code null} keeps all activations. */
    void useGradientCheckpoint(@Nullable GradientCheckpoint checkpoint);

    /** Fills all parameters as the reference does when nothing is loaded. */
    void initialize();

    /**
     * Refuses images of another shape.
     *
     * @throws IllegalArgumentException with the expected and the given shape
     */
    static void requireImage(Tensor image, int size) {
        require(
                image.dim() == 4 && image.size(1) == 3 && image.size(2) == size && image.size(3) == size,
                "expected image (B, 3, %d, %d), got %s",
                size,
                size,
                Tensors.shape(image));
    }

    /** The module tree of this encoder. */
    Module module();
}
