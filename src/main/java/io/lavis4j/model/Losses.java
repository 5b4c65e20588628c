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
 * @param tokens targets that are learned; a total of one part is the mean over them
 * @param weight of all these targets together in that mean, in which each may have its own; 0 for several parts
 */
public record Losses(Tensor total, Map<String, Tensor> parts, int tokens, double weight) {

    public Losses {
        parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
    }

    /** A loss of one part, the mean over {@code tokens} targets, or something else of 0. */
    public static Losses of(Tensor total, int tokens) {
        return new Losses(total, Map.of(), tokens, tokens);
    }
}
