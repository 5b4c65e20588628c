package io.lavis4j.zoo;

import io.lavis4j.model.BaseModel;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Device;
import org.jspecify.annotations.Nullable;

/**
 * A model with its weights; closing it closes the model.
 *
 * @param <M> the model
 * @param model in train mode
 * @param report where the weights came from
 */
public record LoadedModel<M extends BaseModel>(M model, LoadingReport report) implements AutoCloseable {

    /**
     * LAVIS's {@code load_model}: a model by architecture and type, with weights found by {@link WeightFiles}, without
     * processors; with them it is a {@link ModelAndPreprocess}.
     *
     * @param modelType one of {@link Architecture#published()}; {@code small} needs no files
     * @return the model in train mode
     * @throws io.lavis4j.config.ConfigException if there is no such type
     * @throws java.io.UncheckedIOException if a file is nowhere or cannot be read
     */
    public static <M extends BaseModel> LoadedModel<M> load(
            Architecture<M> architecture, String modelType, Device device) {
        return load(architecture, modelType, device, null);
    }

    /**
     * The same with a checkpoint of a run, or a published one, over the type's own.
     *
     * @param checkpoint its path; {@code null} for none
     * @throws IllegalArgumentException if it lacks something that is trained, or has something that this model has not;
     *     LAVIS passes over both
     */
    public static <M extends BaseModel> LoadedModel<M> load(
            Architecture<M> architecture, String modelType, Device device, @Nullable Path checkpoint) {
        return new ModelLoader(WeightFiles.in(List.of())).load(architecture.type(modelType), device, checkpoint);
    }

    @Override
    public void close() {
        model.close();
    }
}
