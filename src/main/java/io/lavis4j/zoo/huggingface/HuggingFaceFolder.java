package io.lavis4j.zoo.huggingface;

import io.lavis4j.model.BaseModel;
import io.lavis4j.zoo.LocatedWeights;
import io.lavis4j.zoo.ModelAndPreprocess;
import io.lavis4j.zoo.ModelLoader;
import io.lavis4j.zoo.ModelType;
import io.lavis4j.zoo.WeightFiles;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;

/**
 * A folder that Hugging Face's {@code save_pretrained} wrote for one of the classes that our models are the same as;
 * its {@code config.json} says which.
 *
 * <p>Parameters have the folder's dtype where LAVIS's may have 16 bits: the vision encoder's matrices and the language
 * model. What OPT writes ends at a line break, as in LAVIS, whatever the folder's {@code eos_token_id}.
 * {@code Blip2ForImageTextRetrieval} has no head that writes captions and no temperature: these have their first
 * values, and the report names them.
 */
public final class HuggingFaceFolder {

    private HuggingFaceFolder() {}

    /**
     * The model of a folder.
     *
     * @throws java.io.UncheckedIOException if there is no {@code config.json}
     * @throws IllegalArgumentException if it describes another class; what a class of ours cannot do is an error when
     *     the model is made
     */
    public static ModelType<? extends BaseModel> type(Path folder) {
        var config = FolderConfig.of(folder);
        return type(folder, config, ModelClass.of(config));
    }

    static <M extends BaseModel> FolderType<M> type(Path folder, FolderConfig config, ModelClass<M> kind) {
        return new FolderType<>(folder, kind, config);
    }

    /**
     * The model with its weights, in eval mode, and the folder's image processor.
     *
     * @throws java.io.UncheckedIOException if a file is missing or cannot be read
     * @throws IllegalArgumentException if a file asks for what our models do not have; the message has the key, the
     *     value and what was expected
     */
    public static ModelAndPreprocess<? extends BaseModel> load(Path folder, Device device) {
        return load(folder, type(folder), device);
    }

    /**
     * Writes a model, as it is, to a folder that transformers opens: configuration, weights, tokenizers, processor.
     *
     * @param folder a new one
     * @param model loaded or trained
     * @param type of the model, whose files have the tokenizers
     * @param weights where they lie
     * @return what became of the names
     * @throws java.io.UncheckedIOException if it cannot be written; nothing of it is left then
     * @throws IllegalArgumentException if it is there already, or Hugging Face has no class for the model
     */
    public static <M extends BaseModel> ConversionReport save(
            Path folder, M model, ModelType<M> type, WeightFiles weights) {
        FolderWriter.requireNew(folder);
        try (var scope = new PointerScope()) {
            var tokenizers =
                    SourceTokenizers.of(ModelClass.of(model), type, LocatedWeights.find(type.sources(), weights));
            var report = new ConversionReport();
            new Export<>(model, model.module().stateDict(), List.of(), report).write(folder, tokenizers);
            return report;
        }
    }

    private static <M extends BaseModel> ModelAndPreprocess<M> load(Path folder, ModelType<M> type, Device device) {
        var processors = ProcessorFile.of(folder).processors(type.imageSize());
        var loaded = new ModelLoader(WeightFiles.in(List.of())).load(type, device);
        loaded.model().module().eval();
        return new ModelAndPreprocess<>(loaded, processors);
    }
}
