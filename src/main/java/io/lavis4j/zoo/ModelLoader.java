package io.lavis4j.zoo;

import io.lavis4j.model.BaseModel;
import java.nio.file.Path;
import org.bytedeco.pytorch.Device;
import org.jspecify.annotations.Nullable;

/**
 * Puts models together from local files, in the reference's order: parts, then a checkpoint over them. Each is
 * converted to the configured precision as it is loaded.
 *
 * <p>Differences from the reference: a parameter that no file holds and that is not new in the model is an error
 * instead of staying random, unless its part is to be trained from scratch and there is no checkpoint; BERT may be
 * absent when the checkpoint has the whole Q-Former; a checkpoint of which nothing fits is an error.
 */
public final class ModelLoader {

    private final WeightFiles weights;

    /** A loader of the files that {@code weights} finds. */
    public ModelLoader(WeightFiles weights) {
        this.weights = weights;
    }

    /**
     * A model from its files, all of which are found before any is read. Frozen parts stay views of the mapped files
     * where precision and device agree; all parameters do if gradients are off, as for a model that is only used. What
     * is written to a parameter never reaches a file, but a file must not be changed in place, or cut, while it is
     * used.
     *
     * @throws java.io.UncheckedIOException if a file is nowhere or cannot be read
     * @throws IllegalArgumentException if a file belongs to a model of another shape, or a parameter is left without a
     *     value
     */
    public <M extends BaseModel> LoadedModel<M> load(ModelType<M> type, Device device) {
        return load(type, device, null);
    }

    /**
     * The same with a checkpoint of a run over it, from which frozen parameters may be missing. Parameters that no file
     * held are initialised first, so that those which were not trained are as they were in the run.
     *
     * @param run the checkpoint; {@code null} for none
     * @throws IllegalArgumentException also if the checkpoint lacks something that is trained or has a name too many
     */
    public <M extends BaseModel> LoadedModel<M> load(ModelType<M> type, Device device, @Nullable Path run) {
        var files = LocatedWeights.find(type.sources(), weights);
        var model = type.create(files, device);
        LoadedModel<M> loaded = null;
        try {
            type.store(model);
            loaded = new LoadedModel<>(model, new Filling<>(type, files, model, run).run());
            return loaded;
        } finally {
            if (loaded == null) {
                model.close();
            }
        }
    }
}
