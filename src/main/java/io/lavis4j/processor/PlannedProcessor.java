package io.lavis4j.processor;

import java.nio.FloatBuffer;

/** An image processor that first plans, where alone it draws, and then only computes. */
public final class PlannedProcessor implements ImageProcessor {

    private final Planner planner;
    private final Normalization normalization;
    private final float[] table;

    PlannedProcessor(Planner planner, Normalization normalization) {
        this.planner = planner;
        this.normalization = normalization;
        this.table = normalization.table();
    }

    @Override
    public int imageSize() {
        return planner.imageSize();
    }

    /** How the result is scaled. */
    public Normalization normalization() {
        return normalization;
    }

    /** Decides what is done to a picture of this size. */
    public PicturePlan plan(int width, int height, Draws draws) {
        return planner.plan(width, height, draws);
    }

    @Override
    public void process(RgbImage image, Draws draws, FloatBuffer out) {
        int needed = 3 * imageSize() * imageSize();
        if (out.remaining() < needed) {
            throw new IllegalArgumentException("expected room for %d numbers (3 x %d x %d), got %d"
                    .formatted(needed, imageSize(), imageSize(), out.remaining()));
        }
        Normalization.apply(plan(image.width(), image.height(), draws).apply(image), table, out);
    }

    @Override
    public String toString() {
        return planner + ", " + normalization;
    }
}
