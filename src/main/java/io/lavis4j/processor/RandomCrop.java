package io.lavis4j.processor;

import io.lavis4j.image.Box;
import java.util.List;

/**
 * torchvision's {@code RandomResizedCrop}, with what LAVIS does after it.
 *
 * @param minScale smallest part of the image's area
 * @param maxScale largest part of the image's area
 * @param flips whether every second image is mirrored
 * @param augments whether RandAugment follows
 */
record RandomCrop(int imageSize, double minScale, double maxScale, boolean flips, boolean augments) implements Planner {

    private static final int TRIES = 10;
    private static final double MIN_RATIO = 3.0 / 4;
    private static final double MAX_RATIO = 4.0 / 3;

    RandomCrop {
        Planner.requireSize(imageSize);
        if (!(0 < minScale && minScale <= maxScale && maxScale <= 1)) {
            throw new IllegalArgumentException(
                    "expected 0 < min_scale <= max_scale <= 1, got %s and %s".formatted(minScale, maxScale));
        }
    }

    @Override
    public ImagePlan plan(int width, int height, SampleRandom random) {
        Box crop = crop(width, height, random);
        boolean flip = flips && random.uniform(0, 1) < 0.5;
        return ImagePlan.square(crop, imageSize, flip, augments ? RandAugment.draw(random) : List.of());
    }

    private Box crop(int width, int height, SampleRandom random) {
        double area = (double) width * height;
        for (int i = 0; i < TRIES; i++) {
            double target = area * random.uniform(minScale, maxScale);
            // torchvision takes logarithm and exponential in single precision
            double ratio = (float) Math.exp(random.uniform((float) Math.log(MIN_RATIO), (float) Math.log(MAX_RATIO)));
            int w = (int) Math.rint(Math.sqrt(target * ratio));
            int h = (int) Math.rint(Math.sqrt(target / ratio));
            if (0 < w && w <= width && 0 < h && h <= height) {
                int top = random.integer(0, height - h + 1);
                int left = random.integer(0, width - w + 1);
                return new Box(left, top, w, h);
            }
        }
        return centre(width, height);
    }

    /** The largest part in the middle whose proportions are allowed. */
    private static Box centre(int width, int height) {
        double ratio = (double) width / height;
        int w = ratio > MAX_RATIO ? (int) Math.rint(height * MAX_RATIO) : width;
        int h = ratio < MIN_RATIO ? (int) Math.rint(width / MIN_RATIO) : height;
        return new Box((width - w) / 2, (height - h) / 2, w, h);
    }
}
