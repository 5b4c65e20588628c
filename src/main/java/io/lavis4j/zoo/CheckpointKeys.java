package io.lavis4j.zoo;

import io.lavis4j.config.Section;
import io.lavis4j.model.BaseModel;
import java.util.Optional;

/**
 * The keys of a {@code model} section that say which checkpoint comes over the parts.
 *
 * <p>A fine-tuned type with {@code loadFinetuned} off starts from the pre-trained checkpoint and, as that has none,
 * from the plain backbone's vision encoder.
 *
 * @param loadPretrained start from {@code pretrained} unless {@code loadFinetuned}
 * @param pretrained checkpoint, a reference of {@link WeightFiles}
 * @param loadFinetuned start from {@code finetuned}
 * @param finetuned checkpoint, a reference of {@link WeightFiles}; may be empty
 * @param interpolatePosEmbed ours: positions that a checkpoint has for another image size are resized
 */
public record CheckpointKeys(
        boolean loadPretrained,
        String pretrained,
        boolean loadFinetuned,
        String finetuned,
        boolean interpolatePosEmbed) {

    /** The keys of LAVIS: positions must be those of the image size. */
    public CheckpointKeys(boolean loadPretrained, String pretrained, boolean loadFinetuned, String finetuned) {
        this(loadPretrained, pretrained, loadFinetuned, finetuned, false);
    }

    /** Reads the keys; what is wrong is noted in the section. */
    public static CheckpointKeys read(Section model) {
        boolean loadPretrained = model.flag("load_pretrained", true),
                loadFinetuned = model.flag("load_finetuned", true);
        String pretrained = model.string("pretrained", ""), finetuned = model.string("finetuned", "");
        model.check(
                !loadFinetuned || !finetuned.isBlank(),
                "finetuned",
                "the name of a checkpoint, as load_finetuned is true");
        model.check(
                loadFinetuned || !loadPretrained || !pretrained.isBlank(),
                "pretrained",
                "the name of a checkpoint, as load_pretrained is true");
        boolean interpolate = model.flag("interpolate_pos_embed", false);
        return new CheckpointKeys(loadPretrained, pretrained, loadFinetuned, finetuned, interpolate);
    }

    /**
     * The checkpoint; empty where none is to be loaded.
     *
     * @throws IllegalArgumentException if one is, and its name is empty
     */
    public <M extends BaseModel> Optional<WeightSource<M>> source() {
        return loadFinetuned
                ? Optional.of(source("finetuned", finetuned))
                : loadPretrained ? Optional.of(source("pretrained", pretrained)) : Optional.empty();
    }

    private static <M extends BaseModel> WeightSource<M> source(String key, String reference) {
        if (reference.isBlank()) {
            throw new IllegalArgumentException(
                    "load_%s is true, but %s is empty: name a checkpoint there, or set load_%s to false"
                            .formatted(key, key, key));
        }
        return source(reference);
    }

    /** A checkpoint of a whole BLIP-2 model. */
    static <M extends BaseModel> WeightSource<M> source(String reference) {
        return WeightSource.checkpoint("BLIP-2 checkpoint", reference);
    }
}
