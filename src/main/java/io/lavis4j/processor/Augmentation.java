package io.lavis4j.processor;

import io.lavis4j.image.AffineWarp;
import io.lavis4j.image.HistogramOps;
import org.jspecify.annotations.Nullable;

/**
 * One operation of RandAugment (arXiv:1909.13719) with its argument.
 *
 * @param argument shear factor, pixels of translation, degrees of rotation counter-clockwise; 0 where there is none
 */
public record Augmentation(Operation operation, double argument) {

    /** The list that LAVIS draws from, in its order. */
    public enum Operation {
        /** Nothing. */
        IDENTITY,
        /** Stretches each channel to all levels. */
        AUTO_CONTRAST,
        /** Nothing: the factor of the one level that is used, 5 of 10, is 1. */
        BRIGHTNESS,
        /** Nothing: the factor of the one level that is used, 5 of 10, is 1. */
        SHARPNESS,
        /** Makes all levels of each channel equally frequent. */
        EQUALIZE,
        /** x' = x + argument y. */
        SHEAR_X,
        /** y' = y + argument x. */
        SHEAR_Y,
        /** x' = x - argument. */
        TRANSLATE_X,
        /** y' = y - argument. */
        TRANSLATE_Y,
        /** About the centre. */
        ROTATE
    }

    /**
     * Computes the image's successor.
     *
     * @param pixels (height, width, 3); not changed, but may be returned
     */
    byte[] apply(byte[] pixels, int width, int height) {
        var warp = warp(width, height);
        if (warp != null) {
            return warp.apply(pixels, width, height);
        }
        return switch (operation) {
            case AUTO_CONTRAST -> HistogramOps.autoContrast(pixels);
            case EQUALIZE -> HistogramOps.equalize(pixels);
            case IDENTITY, BRIGHTNESS, SHARPNESS, SHEAR_X, SHEAR_Y, TRANSLATE_X, TRANSLATE_Y, ROTATE -> pixels;
        };
    }

    /** How the pixels of an image of this size move, {@code null} if they stay. */
    @Nullable
    AffineWarp warp(int width, int height) {
        // LAVIS hands shears and translations to OpenCV in single precision
        return switch (operation) {
            case IDENTITY, AUTO_CONTRAST, BRIGHTNESS, SHARPNESS, EQUALIZE -> null;
            case SHEAR_X -> new AffineWarp(1, (float) argument, 0, 0, 1, 0);
            case SHEAR_Y -> new AffineWarp(1, 0, 0, (float) argument, 1, 0);
            case TRANSLATE_X -> new AffineWarp(1, 0, -argument, 0, 1, 0);
            case TRANSLATE_Y -> new AffineWarp(1, 0, 0, 0, 1, -argument);
            case ROTATE -> AffineWarp.rotation(argument, width, height);
        };
    }
}
