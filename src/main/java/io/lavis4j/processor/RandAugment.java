package io.lavis4j.processor;

import io.lavis4j.processor.Augmentation.Operation;
import java.util.ArrayList;
import java.util.List;

/**
 * RandAugment (arXiv:1909.13719) as LAVIS configures it: two operations at level 5 of 10, each carried out with
 * probability one half.
 */
final class RandAugment {

    private static final int OPERATIONS = 2;
    private static final double LEVEL = 5.0 / 10;
    private static final double MAX_SHEAR = 0.3;
    private static final double MAX_TRANSLATION = 10;
    private static final double MAX_DEGREES = 30;

    private RandAugment() {}

    /** Draws both operations, then for each whether it is carried out and in which direction. */
    static List<Augmentation> draw(SampleRandom random) {
        var all = Operation.values();
        var drawn = new Operation[OPERATIONS];
        for (int i = 0; i < OPERATIONS; i++) {
            drawn[i] = all[random.integer(0, all.length)];
        }
        var augmentations = new ArrayList<Augmentation>();
        for (Operation operation : drawn) {
            if (random.uniform(0, 1) <= 0.5) {
                augmentations.add(new Augmentation(operation, argument(operation, random)));
            }
        }
        return augmentations;
    }

    private static double argument(Operation operation, SampleRandom random) {
        return switch (operation) {
            case IDENTITY, AUTO_CONTRAST, BRIGHTNESS, SHARPNESS, EQUALIZE -> 0;
            case SHEAR_X, SHEAR_Y -> LEVEL * MAX_SHEAR * (random.uniform(0, 1) > 0.5 ? -1 : 1);
            case TRANSLATE_X, TRANSLATE_Y -> LEVEL * MAX_TRANSLATION * (random.uniform(0, 1) > 0.5 ? -1 : 1);
            case ROTATE -> LEVEL * MAX_DEGREES * (random.uniform(0, 1) < 0.5 ? -1 : 1);
        };
    }
}
