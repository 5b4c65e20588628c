package io.lavis4j.processor;

import io.lavis4j.image.Box;
import io.lavis4j.image.Regions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A plan and its regions as native code reads them: one block with the structure {@code PackedPlan} of
 * {@code native/src/packed_plan.h}, its augmentations, then its boxes.
 *
 * @param fast whether a JPEG image may be decoded at a smaller size
 */
record PackedPlan(Regions regions, ImagePlan plan, boolean fast) {

    // offsets in the structure, bytes
    static final int CROP = 0;
    static final int WIDTH = 16;
    static final int HEIGHT = 20;
    static final int WINDOW = 24;
    static final int FLIP = 40;
    static final int FAST = 44;
    static final int DECLARED_WIDTH = 48;
    static final int DECLARED_HEIGHT = 52;
    static final int MODE = 56;
    static final int NUM_BOXES = 60;
    static final int NUM_AUGMENTATIONS = 64;
    static final int SIZE = 72;

    // offsets in an augmentation, bytes
    static final int AUGMENTATION_OPERATION = 0;
    static final int AUGMENTATION_MATRIX = 8;
    static final int AUGMENTATION_SIZE = 56;

    // offsets in a box, bytes
    static final int BOX_LEFT = 0;
    static final int BOX_TOP = 4;
    static final int BOX_WIDTH = 8;
    static final int BOX_HEIGHT = 12;
    static final int BOX_SIZE = 16;

    private static final int NO_OPERATION = -1;
    private static final int AUTO_CONTRAST = 0;
    private static final int EQUALIZE = 1;
    private static final int WARP = 2;

    /** Levels of the result. */
    int length() {
        return 3 * plan.window().width() * plan.window().height();
    }

    /** The augmentations that change anything. */
    List<Augmentation> augmentations() {
        return plan.augmentations().stream()
                .filter(augmentation -> operation(augmentation) != NO_OPERATION)
                .toList();
    }

    /** The block, in the machine's byte order. */
    byte[] bytes() {
        var augmentations = augmentations();
        var boxes = regions.boxes();
        byte[] bytes = new byte[SIZE + AUGMENTATION_SIZE * augmentations.size() + BOX_SIZE * boxes.size()];
        var block = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        put(block, CROP, plan.crop());
        block.putInt(WIDTH, plan.width());
        block.putInt(HEIGHT, plan.height());
        put(block, WINDOW, plan.window());
        block.putInt(FLIP, plan.flip() ? 1 : 0);
        block.putInt(FAST, fast ? 1 : 0);
        block.putInt(DECLARED_WIDTH, regions.declaredWidth());
        block.putInt(DECLARED_HEIGHT, regions.declaredHeight());
        block.putInt(MODE, mode());
        block.putInt(NUM_BOXES, boxes.size());
        block.putInt(NUM_AUGMENTATIONS, augmentations.size());
        int at = SIZE;
        for (Augmentation augmentation : augmentations) {
            put(block, at, augmentation);
            at += AUGMENTATION_SIZE;
        }
        for (Box box : boxes) {
            put(block, at, box);
            at += BOX_SIZE;
        }
        return bytes;
    }

    private int mode() {
        return switch (regions.mode()) {
            case HIGHLIGHT -> 0;
            case NONE -> 1;
            case HIDE -> 2;
            case BLACKOUT -> 3;
        };
    }

    private static int operation(Augmentation augmentation) {
        return switch (augmentation.operation()) {
            case IDENTITY, BRIGHTNESS, SHARPNESS -> NO_OPERATION;
            case AUTO_CONTRAST -> AUTO_CONTRAST;
            case EQUALIZE -> EQUALIZE;
            case SHEAR_X, SHEAR_Y, TRANSLATE_X, TRANSLATE_Y, ROTATE -> WARP;
        };
    }

    /** Sines are taken here only, so a warp arrives as its matrix. */
    private void put(ByteBuffer block, int at, Augmentation augmentation) {
        block.putInt(at + AUGMENTATION_OPERATION, operation(augmentation));
        var warp = augmentation.warp(plan.window().width(), plan.window().height());
        if (warp != null) {
            double[] sources = warp.sources();
            for (int i = 0; i < sources.length; i++) {
                block.putDouble(at + AUGMENTATION_MATRIX + Double.BYTES * i, sources[i]);
            }
        }
    }

    private static void put(ByteBuffer block, int at, Box box) {
        block.putInt(at + BOX_LEFT, box.left());
        block.putInt(at + BOX_TOP, box.top());
        block.putInt(at + BOX_WIDTH, box.width());
        block.putInt(at + BOX_HEIGHT, box.height());
    }
}
