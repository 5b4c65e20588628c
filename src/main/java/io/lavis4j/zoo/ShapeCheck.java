package io.lavis4j.zoo;

import io.lavis4j.io.Listing;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Tensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Refuses a file with tensors of other shapes than the model's, and says which setting they belong to.
 *
 * <p>As in the reference, positions are resized in the backbone's file only, and in a BLIP-2 checkpoint if asked for.
 *
 * @param file for the message
 * @param prefix of the module's names in the whole model
 * @param type of the model
 */
public record ShapeCheck(Path file, String prefix, ModelType<?> type) {

    private static final int SHOWN = 3;

    /** @throws IllegalArgumentException if a shape differs */
    public void require(Map<String, Tensor> state, Module module) {
        var wrong = new ArrayList<String>();
        var advice = new LinkedHashSet<String>();
        module.stateDict().forEach((leaf, own) -> {
            var value = state.get(leaf);
            if (value != null && !Arrays.equals(value.shape(), own.shape())) {
                String name = prefix + leaf;
                wrong.add("%s: expected %s, got %s".formatted(name, Tensors.shape(own), Tensors.shape(value)));
                advice.add(advice(name, own.shape(), value.shape()));
            }
        });
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException("%s does not fit this model: %s; %s"
                    .formatted(file, Listing.ofClauses(wrong, SHOWN), String.join("; ", advice)));
        }
    }

    private String advice(String name, long[] expected, long[] found) {
        int last = found.length - 1;
        boolean sameWidth = found.length == expected.length && found[last] == expected[last];
        if (name.matches("visual_encoder\\.(pos_embed|positional_embedding)") && sameWidth) {
            int imageSize = type.imageSize();
            long size = Math.round(imageSize * side(found) / side(expected));
            return "it was saved for images of %d px, this model is for %d px: set image_size to %d, take a checkpoint for %d px, or set interpolate_pos_embed to True, which resizes positions"
                    .formatted(size, imageSize, size, imageSize);
        }
        if (name.equals("query_tokens") && sameWidth) {
            return "set num_query_token to " + found[1];
        }
        if (name.matches("Qformer\\..*\\.crossattention\\.self\\.(key|value)\\.weight") && last == 1) {
            return "its image tokens have width %d: set vit_model to the encoder of that width".formatted(found[1]);
        }
        var advice = type.advice(name, found);
        return advice == null ? "check that model type and file belong together" : advice;
    }

    /** Patches on a side, given a position table (..., N+1, D). */
    private static double side(long[] table) {
        return Math.sqrt(table[table.length - 2] - 1.0);
    }
}
