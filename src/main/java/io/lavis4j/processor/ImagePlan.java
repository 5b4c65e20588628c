package io.lavis4j.processor;

import io.lavis4j.image.BicubicResize;
import io.lavis4j.image.Box;
import io.lavis4j.image.RgbImage;
import java.util.List;

/**
 * The work on one image: everything random about it is decided here.
 *
 * @param crop the part of the image that is used, inside it
 * @param width to which the crop is resized, pixels
 * @param height to which the crop is resized, pixels
 * @param window the part of the resized crop that is used, S x S
 * @param flip whether left and right are exchanged then
 * @param augmentations applied at last, in this order
 */
public record ImagePlan(Box crop, int width, int height, Box window, boolean flip, List<Augmentation> augmentations) {

    public ImagePlan {
        augmentations = List.copyOf(augmentations);
    }

    /** The whole crop, resized to a square. */
    static ImagePlan square(Box crop, int size, boolean flip, List<Augmentation> augmentations) {
        return new ImagePlan(crop, size, size, new Box(0, 0, size, size), flip, augmentations);
    }

    /**
     * Carries the plan out.
     *
     * @return S x S
     */
    public RgbImage apply(RgbImage image) {
        int S = window.width();
        byte[] pixels = BicubicResize.resize(image, crop, width, height, window);
        if (flip) {
            flip(pixels, S);
        }
        for (Augmentation augmentation : augmentations) {
            pixels = augmentation.apply(pixels, S, window.height());
        }
        return new RgbImage(S, window.height(), pixels);
    }

    private static void flip(byte[] pixels, int width) {
        for (int row = 0; row < pixels.length; row += 3 * width) {
            for (int left = row, right = row + 3 * (width - 1); left < right; left += 3, right -= 3) {
                for (int c = 0; c < 3; c++) {
                    byte swapped = pixels[left + c];
                    pixels[left + c] = pixels[right + c];
                    pixels[right + c] = swapped;
                }
            }
        }
    }
}
