package io.lavis4j.processor;

import io.lavis4j.image.Box;
import io.lavis4j.image.Regions;
import java.util.Arrays;

/**
 * What is to be made of an image, in the numbers of the C structures.
 *
 * @param fast whether a JPEG image may be decoded at a smaller size
 */
record PackedPlan(Regions regions, ImagePlan plan, boolean fast) {

    private static final int AUTO_CONTRAST = 0;
    private static final int EQUALIZE = 1;
    private static final int WARP = 2;
    private static final int AUGMENTATION_NUMBERS = 7;

    /** Levels of the result. */
    int length() {
        return 3 * plan.window().width() * plan.window().height();
    }

    /** Declared width, declared height, mode. */
    int[] regionNumbers() {
        int mode = switch (regions.mode()) {
            case HIGHLIGHT -> 0;
            case NONE -> 1;
            case HIDE -> 2;
            case BLACKOUT -> 3;
        };
        return new int[] {regions.declaredWidth(), regions.declaredHeight(), mode};
    }

    /** Left, top, width and height of each region. */
    int[] boxes() {
        int[] numbers = new int[4 * regions.boxes().size()];
        int i = 0;
        for (Box box : regions.boxes()) {
            numbers[i++] = box.left();
            numbers[i++] = box.top();
            numbers[i++] = box.width();
            numbers[i++] = box.height();
        }
        return numbers;
    }

    /** Crop, width, height, window, whether it is flipped, whether it is fast. */
    int[] planNumbers() {
        var crop = plan.crop();
        var window = plan.window();
        return new int[] {
            crop.left(),
            crop.top(),
            crop.width(),
            crop.height(),
            plan.width(),
            plan.height(),
            window.left(),
            window.top(),
            window.width(),
            window.height(),
            plan.flip() ? 1 : 0,
            fast ? 1 : 0
        };
    }

    /** Of each augmentation that changes anything its operation and its matrix; sines are taken in Java only. */
    double[] augmentations() {
        double[] numbers =
                new double[AUGMENTATION_NUMBERS * plan.augmentations().size()];
        int at = 0;
        for (Augmentation augmentation : plan.augmentations()) {
            int operation = switch (augmentation.operation()) {
                case IDENTITY, BRIGHTNESS, SHARPNESS -> -1;
                case AUTO_CONTRAST -> AUTO_CONTRAST;
                case EQUALIZE -> EQUALIZE;
                case SHEAR_X, SHEAR_Y, TRANSLATE_X, TRANSLATE_Y, ROTATE -> WARP;
            };
            if (operation < 0) {
                continue;
            }
            numbers[at] = operation;
            var warp = augmentation.warp(plan.window().width(), plan.window().height());
            if (warp != null) {
                System.arraycopy(warp.sources(), 0, numbers, at + 1, AUGMENTATION_NUMBERS - 1);
            }
            at += AUGMENTATION_NUMBERS;
        }
        return Arrays.copyOf(numbers, at);
    }
}
