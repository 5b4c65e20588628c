package io.lavis4j.zoo;

import io.lavis4j.config.Configuration;
import io.lavis4j.config.Section;
import io.lavis4j.model.BaseModel;
import io.lavis4j.processor.ImageProcessor;
import io.lavis4j.processor.Processors;
import io.lavis4j.processor.TextProcessor;
import java.util.List;
import org.bytedeco.pytorch.Device;

/**
 * A model with the processors that its images and texts go through; closing it closes the model.
 *
 * @param <M> the model
 * @param loaded model, and where its weights came from
 * @param processors of the section {@code preprocess} in the type's file
 */
public record ModelAndPreprocess<M extends BaseModel>(LoadedModel<M> loaded, Processors processors)
        implements AutoCloseable {

    /**
     * LAVIS's {@code load_model_and_preprocess}: a model by architecture and type, with weights found by
     * {@link WeightFiles}.
     *
     * @param modelType one of {@link Architecture#published()}; {@code small} needs no files
     * @return the model in eval mode
     * @throws io.lavis4j.config.ConfigException if there is no such type
     * @throws java.io.UncheckedIOException if a file is nowhere or cannot be read
     */
    public static <M extends BaseModel> ModelAndPreprocess<M> load(
            Architecture<M> architecture, String modelType, Device device) {
        var root = Configuration.model(architecture.name(), modelType);
        var type = architecture.read(root.section("model"));
        var processors = root.section("preprocess").read(Processors::read);
        if (type != null && processors != null) {
            processors.checkImageSize(root, Processors.TRAIN, type.imageSize());
            processors.checkImageSize(root, Processors.EVAL, type.imageSize());
        }
        root.requireValid();
        var loaded = new ModelLoader(WeightFiles.in(List.of())).load(Section.present(type), device);
        loaded.model().module().eval();
        return new ModelAndPreprocess<>(loaded, Section.present(processors));
    }

    /**
     * The same by names, as they come from a configuration or a user; {@link #as} says what the model can do.
     *
     * @param name as in {@code model.arch}
     * @throws IllegalArgumentException if there is no such architecture
     */
    public static ModelAndPreprocess<? extends BaseModel> load(String name, String modelType, Device device) {
        return load(new ModelZoo().get(name), modelType, device);
    }

    /** The model. */
    public M model() {
        return loaded.model();
    }

    /**
     * The model by one of its abilities: {@code as(CaptionGenerator.class)}.
     *
     * @throws IllegalArgumentException if it cannot do that; the message says what it can
     */
    public <A> A as(Class<A> ability) {
        return model().as(ability);
    }

    /** Image processors for training and evaluation. */
    public Processors.Phases<ImageProcessor> visProcessors() {
        return processors.vis();
    }

    /** Text processors for training and evaluation. */
    public Processors.Phases<TextProcessor> txtProcessors() {
        return processors.text();
    }

    @Override
    public void close() {
        loaded.close();
    }
}
