package io.lavis4j.processor;

import io.lavis4j.image.Box;
import java.util.List;

/** The whole image, whatever its proportions, as a square. */
record SquareResize(int imageSize) implements Planner {

    SquareResize {
        Planner.requireSize(imageSize);
    }

    @Override
    public ImagePlan plan(int width, int height, SampleRandom random) {
        return ImagePlan.square(new Box(0, 0, width, height), imageSize, false, List.of());
    }
}
