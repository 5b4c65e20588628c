package io.lavis4j.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * A batch's loss.
 *
 * @param total the one that is minimised: scalar, float32
 * @param parts named parts of it for the log, as {@code loss_itc}, in their order and the same in each step; empty
 *     where there is one part
 */
public record Losses(Tensor total, Map<String, Tensor> parts) {

    public Losses {
        parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
    }

    /** A loss of one part. */
    public static Losses of(Tensor total) {
        return new Losses(total, Map.of());
    }
}
