package io.lavis4j.processor;

import io.lavis4j.image.Box;
import java.util.List;

/** The shorter side becomes S, of the longer one the middle is kept. */
record CentreCrop(int imageSize) implements Planner {

    CentreCrop {
        Planner.requireSize(imageSize);
    }

    @Override
    public ImagePlan plan(int width, int height, SampleRandom random) {
        int resizedWidth = width <= height ? imageSize : longer(width, height);
        int resizedHeight = width <= height ? longer(height, width) : imageSize;
        var window = new Box(middle(resizedWidth - imageSize), middle(resizedHeight - imageSize), imageSize, imageSize);
        return new ImagePlan(new Box(0, 0, width, height), resizedWidth, resizedHeight, window, false, List.of());
    }

    private int longer(int side, int shorter) {
        return (int) ((double) ((long) imageSize * side) / shorter);
    }

    /** Half of it, rounded to an even number as Python does. */
    private static int middle(int margin) {
        return (int) Math.rint(margin / 2.0);
    }
}
