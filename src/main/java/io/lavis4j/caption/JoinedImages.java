package io.lavis4j.caption;

import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The images of several inputs one after the other, each opened when it is its turn. */
final class JoinedImages implements ImageStream {

    private final List<CaptionInput> inputs;
    private final Function<CaptionInput, ImageStream> open;
    private @Nullable ImageStream current;
    private int begun;

    JoinedImages(List<CaptionInput> inputs, Function<CaptionInput, ImageStream> open) {
        this.inputs = List.copyOf(inputs);
        this.open = open;
    }

    @Override
    public boolean hasNext() {
        while (current == null || !current.hasNext()) {
            if (begun == inputs.size()) {
                return false;
            }
            close();
            current = open.apply(inputs.get(begun));
            begun++;
        }
        return true;
    }

    @Override
    public SourceImage next() {
        if (!hasNext() || current == null) {
            throw new NoSuchElementException("the inputs have no further image");
        }
        return current.next();
    }

    /** Each input counts alike. */
    @Override
    public double share() {
        return current == null ? 0 : (begun - 1 + current.share()) / inputs.size();
    }

    @Override
    public void close() {
        if (current != null) {
            current.close();
            current = null;
        }
    }
}
