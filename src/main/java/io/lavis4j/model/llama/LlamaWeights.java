package io.lavis4j.model.llama;

import io.lavis4j.nn.Init;
import io.lavis4j.nn.RotaryEmbedding;
import io.lavis4j.tensor.Devices;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Names of LLaMA files: some lack the leading {@code model.}, some have the frequencies of the rotary positions in each
 * layer, some lack the row of the word that LAVIS adds.
 */
public final class LlamaWeights {

    /** A layer's buffer in LAVIS's state dict. */
    static final String INV_FREQ = "self_attn.rotary_emb.inv_freq";

    private static final List<String> WORDS = List.of("model.embed_tokens.weight", "lm_head.weight");

    private LlamaWeights() {}

    /**
     * The state dict under the names of {@link Llama}.
     *
     * <p>The frequencies are computed: a file may have them rounded to half precision. Where the word table or the head
     * has one row less than {@code config}, a last row is drawn from a normal distribution with standard deviation
     * 0.02, as LAVIS does at every start.
     */
    public static Map<String, Tensor> fit(Map<String, Tensor> state, LlamaConfig config) {
        var fitted = new LinkedHashMap<String, Tensor>();
        state.forEach((name, tensor) -> fitted.put(full(name), tensor));
        for (String name : WORDS) {
            fitted.computeIfPresent(name, (n, table) -> {
                int V = config.vocabSize();
                return table.size(0) == V - 1 ? Init.extend(table, V, Llama.INIT_STD) : table;
            });
        }
        var rotary = new RotaryEmbedding(config.headDim(), config.ropeTheta());
        var frequencies = rotary.inverseFrequencies(Devices.cpu());
        for (int i = 0; i < config.numHiddenLayers(); i++) {
            fitted.put("model.layers.%d.%s".formatted(i, INV_FREQ), frequencies);
        }
        return fitted;
    }

    private static String full(String name) {
        boolean ofBody = name.startsWith("embed_tokens.") || name.startsWith("layers.") || name.startsWith("norm.");
        return ofBody ? "model." + name : name;
    }
}
