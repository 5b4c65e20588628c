package io.lavis4j.model.opt;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Names of published OPT files: some lack the leading {@code model.}, some have the tied head as a tensor of its own.
 */
public final class OptWeights {

    private OptWeights() {}

    /** The state dict under the names of {@link Opt}. */
    public static Map<String, Tensor> fit(Map<String, Tensor> state) {
        var fitted = new LinkedHashMap<String, Tensor>();
        state.forEach((name, tensor) -> fitted.put(name.startsWith("decoder.") ? "model." + name : name, tensor));
        return fitted;
    }
}
