package io.lavis4j.zoo;

import io.lavis4j.model.BaseModel;
import java.util.List;
import org.bytedeco.pytorch.Device;
import org.jspecify.annotations.Nullable;

/**
 * A model that can be made of files: its shape, and where its weights come from.
 *
 * @param <M> the model
 */
public interface ModelType<M extends BaseModel> {

    /** The files, in the order in which they are loaded, each over those before. */
    List<WeightSource<M>> sources();

    /**
     * A model with unset parameters.
     *
     * @param files those of {@link #sources()}; shapes, and a tokenizer that the model closes, may come from them
     * @throws IllegalArgumentException if a file describes a model that this one cannot hold
     */
    M create(LocatedWeights files, Device device);

    /** Stores parts of a model that is not loaded yet in fewer bits, where settings say so. */
    default void store(M model) {}

    /**
     * The model's shape without its weights.
     *
     * @param weights where a language model's {@code config.json} may lie; the published ones are known without
     * @return {@code null} where it is not known before the files are
     * @throws IllegalArgumentException if the language model is neither there nor published
     */
    default @Nullable ModelShape shape(WeightFiles weights) {
        return null;
    }

    /** Whether a parameter is in none of the files that the model starts from, so that training begins with it. */
    boolean isNew(String parameter);

    /** Side of the square images, in pixels. */
    int imageSize();

    /** Whether the vision encoder is not trained, key {@code freeze_vit}. */
    default boolean isVisionFrozen() {
        return false;
    }

    /**
     * Whether positions that a checkpoint has for another image size are resized, key {@code interpolate_pos_embed}.
     */
    default boolean interpolatePosEmbed() {
        return false;
    }

    /** How long the texts may be that it learns; empty where it cuts none. */
    default List<TextLimit> textLimits() {
        return List.of();
    }

    /** Text that generation starts with, key {@code prompt}; empty where the model has none. */
    default String prompt() {
        return "";
    }

    /**
     * Advice for a tensor that belongs to a model of another shape.
     *
     * @param parameter of this model
     * @param found the file's shape
     * @return the setting to change; {@code null} where nothing better than checking the file can be said
     */
    default @Nullable String advice(String parameter, long[] found) {
        return null;
    }
}
