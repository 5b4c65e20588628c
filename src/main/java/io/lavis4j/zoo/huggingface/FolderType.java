package io.lavis4j.zoo.huggingface;

import io.lavis4j.io.Listing;
import io.lavis4j.model.BaseModel;
import io.lavis4j.zoo.LocatedWeights;
import io.lavis4j.zoo.ModelType;
import io.lavis4j.zoo.WeightSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;

/**
 * The model in a folder: configuration, weights in one file or shards, and tokenizers.
 *
 * @param folder from {@code save_pretrained}, or {@link HuggingFaceFolder#save}
 * @param kind class of the model
 * @param config its configuration
 */
record FolderType<M extends BaseModel>(Path folder, ModelClass<M> kind, FolderConfig config) implements ModelType<M> {

    private static final String PART = "Hugging Face model";

    @Override
    public List<WeightSource<M>> sources() {
        return List.of(new WeightSource<>(
                PART,
                folder.toAbsolutePath().toString(),
                WeightSource.Lookup.MODEL,
                "",
                BaseModel::module,
                this::state));
    }

    /** The tensors under LAVIS's names; those that Hugging Face's class lacks come from a file of their own, if any. */
    Map<String, Tensor> state(Map<String, Tensor> file, M model) {
        var state = renamed(file);
        if (!kind.prefix().isEmpty()) {
            var words = new LinkedHashMap<String, Tensor>();
            state.forEach((name, tensor) -> {
                if (name.startsWith(kind.prefix())) {
                    words.put(name.substring(kind.prefix().length()), tensor);
                }
            });
            state.keySet().removeIf(name -> name.startsWith(kind.prefix()));
            kind.fit().apply(words, model).forEach((name, tensor) -> state.put(kind.prefix() + name, tensor));
        }
        state.putAll(LavisTensors.of(folder).tensors());
        return state;
    }

    /**
     * The tensors of a folder's weights under LAVIS's names.
     *
     * @throws IllegalArgumentException if one belongs to another class
     */
    Map<String, Tensor> renamed(Map<String, Tensor> file) {
        var state = new LinkedHashMap<String, Tensor>();
        var foreign = new ArrayList<String>();
        file.forEach((name, tensor) -> {
            var renamed = kind.names().toLavis(name);
            if (renamed.isPresent()) {
                state.put(renamed.get().name(), tensor);
            } else if (!FusedBias.split(name, tensor, state) && !name.endsWith("embeddings.position_ids")) {
                foreign.add(name);
            }
        });
        if (!foreign.isEmpty()) {
            throw new IllegalArgumentException("%s: expected the weights of a %s, got %s"
                    .formatted(folder.toAbsolutePath(), kind, Listing.of(foreign, 8)));
        }
        return state;
    }

    @Override
    public M create(LocatedWeights files, Device device) {
        return kind.open().of(config, folder, device);
    }

    /** The language model's head on the Q-Former, and the temperature, which are for training alone. */
    @Override
    public boolean isNew(String parameter) {
        return !kind.hasPlace(parameter);
    }

    @Override
    public int imageSize() {
        return config.imageSize();
    }
}
