package io.lavis4j.model.t5;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Names of T5 files: some have the word table once, under one of its three names, some have it for the head too, and
 * old ones have a table of position biases that nothing is computed from.
 */
public final class T5Weights {

    private static final String WORDS = "shared.weight";
    private static final List<String> FURTHER_NAMES =
            List.of("encoder.embed_tokens.weight", "decoder.embed_tokens.weight");
    private static final String HEAD = "lm_head.weight";
    private static final String UNUSED = "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight";

    private T5Weights() {}

    /** The state dict under the names of {@link T5}; a head that the file lacks is the word table. */
    public static Map<String, Tensor> fit(Map<String, Tensor> state, T5Config config) {
        var fitted = new LinkedHashMap<>(state);
        fitted.remove(UNUSED);
        for (String name : FURTHER_NAMES) {
            var words = fitted.remove(name);
            if (words != null) {
                fitted.putIfAbsent(WORDS, words);
            }
        }
        var words = fitted.get(WORDS);
        if (config.tieWordEmbeddings()) {
            fitted.remove(HEAD);
        } else if (words != null) {
            fitted.putIfAbsent(HEAD, words);
        }
        return fitted;
    }
}
