package io.lavis4j.check;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

/**
 * The images of all splits by content, up to {@link LongTable#MOST} of them; those after these are compared with them,
 * not with one another.
 */
final class SeenImages {

    private static final int POSITION_BITS = 48;

    private final LongTable contents = new LongTable();
    private final List<Split> splits = new ArrayList<>();

    /** @param named the name of an image by its place in the split */
    private record Split(boolean training, LongFunction<String> named) {}

    /** Begins a split. */
    void begin(boolean training, LongFunction<String> named) {
        splits.add(new Split(training, named));
    }

    /**
     * Adds an image of the split that was begun last.
     *
     * @param position of it, below 2^48
     */
    void add(ImageFile image, long position, Findings findings) {
        int own = splits.size() - 1;
        long before = contents.putIfAbsent(image.content(), (long) own << POSITION_BITS | position);
        if (before == LongTable.ABSENT) {
            return;
        }
        var other = splits.get((int) (before >>> POSITION_BITS));
        boolean trainedOn = other.training() && !splits.get(own).training();
        findings.add(
                trainedOn ? Kind.IMAGE_TRAINED_ON : Kind.IMAGE_TWICE,
                () -> image.name() + " has the content of " + other.named().apply(before & (1L << POSITION_BITS) - 1));
    }

    /** Whether further images are not compared with one another. */
    boolean isFull() {
        return contents.isFull();
    }
}
