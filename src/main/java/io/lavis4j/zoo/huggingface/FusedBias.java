package io.lavis4j.zoo.huggingface;

import static org.bytedeco.pytorch.global.torch.zeros_like;

import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Tensor;

/**
 * The bias of the vision encoder's queries, keys and values: one tensor in Hugging Face's class, {@code q_bias} and
 * {@code v_bias} in LAVIS's, whose keys have none.
 *
 * <p>A bias of the keys adds the same number to all scores of a query, which softmax takes away again, so a model does
 * the same without it. Where a file has one it is called {@code k_bias}: our models and LAVIS's pass it over and report
 * it, and it comes back with the fused tensor.
 */
final class FusedBias {

    /** The fused tensors, in words. */
    static final String RULE = "vision_model.encoder.layers.#.self_attn.qkv.bias";

    private static final Pattern FUSED =
            Pattern.compile("vision_model\\.encoder\\.layers\\.(\\d+)\\.self_attn\\.qkv\\.bias");
    private static final Pattern PART = Pattern.compile("visual_encoder\\.blocks\\.(\\d+)\\.attn\\.([qkv])_bias");

    private FusedBias() {}

    /**
     * Adds the parts of a fused bias.
     *
     * @return false for a tensor that is none
     */
    static boolean split(String name, Tensor fused, Map<String, Tensor> into) {
        var found = FUSED.matcher(name);
        if (!found.matches()) {
            return false;
        }
        long D = fused.size(0) / 3;
        var keys = fused.narrow(0, D, D);
        into.put(part(found.group(1), "q"), fused.narrow(0, 0, D));
        if (Scopes.keep(() -> keys.ne(Tensors.scalar(0)).any()).item_bool()) {
            into.put(part(found.group(1), "k"), keys);
        }
        into.put(part(found.group(1), "v"), fused.narrow(0, 2 * D, D));
        return true;
    }

    private static String part(String block, String letter) {
        return "visual_encoder.blocks.%s.attn.%s_bias".formatted(block, letter);
    }

    /** The name of the fused tensor that a part goes into; empty for a name that is not a part's. */
    static Optional<String> fused(String part) {
        var found = PART.matcher(part);
        return found.matches()
                ? Optional.of("vision_model.encoder.layers.%s.self_attn.qkv.bias".formatted(found.group(1)))
                : Optional.empty();
    }

    /** The queries' part of the tensor that a part goes into. */
    static String queries(String part) {
        return part(block(part), "q");
    }

    private static String block(String part) {
        var found = PART.matcher(part);
        if (!found.matches()) {
            throw new IllegalStateException(part + " is not a part of a fused bias");
        }
        return found.group(1);
    }

    /**
     * The fused tensor that a part goes into.
     *
     * @param state has the other parts, under LAVIS's names
     * @throws IllegalArgumentException if the queries' or the values' is missing
     */
    static Tensor join(String part, Map<String, Tensor> state) {
        String block = block(part);
        var q = required(part(block, "q"), state);
        var v = required(part(block, "v"), state);
        return Scopes.keep(() -> {
            var k = state.get(part(block, "k"));
            return Tensors.cat(0, q, k == null ? zeros_like(q) : k, v); // (3 D)
        });
    }

    private static Tensor required(String name, Map<String, Tensor> state) {
        var bias = state.get(name);
        if (bias == null) {
            throw new IllegalArgumentException(
                    "there is no %s; expected a q_bias and a v_bias of every block".formatted(name));
        }
        return bias;
    }
}
