package io.lavis4j.zoo;

import io.lavis4j.config.Configuration;
import io.lavis4j.config.Section;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.processor.ImageProcessor;
import io.lavis4j.processor.Processors;
import io.lavis4j.processor.TextProcessor;
import java.util.List;
import org.bytedeco.pytorch.Device;

/**
 * A published model with the processors that its images and texts go through; closing it closes the model.
 *
 * @param loaded model and tokenizer
 * @param processors of the section {@code preprocess} in the type's file
 */
public record ModelAndPreprocess(LoadedBlip2Opt loaded, Processors processors) implements AutoCloseable {

    /**
     * LAVIS's {@code load_model_and_preprocess}: a model by architecture and type, with weights found by
     * {@link WeightFiles}.
     *
     * @param name {@code blip2_opt}
     * @param modelType {@code caption_coco_opt2.7b}, ...; {@code small} needs no files
     * @return the model in eval mode
     * @throws io.lavis4j.config.ConfigException if there is no such type
     * @throws java.io.UncheckedIOException if a file is nowhere or cannot be read
     */
    public static ModelAndPreprocess load(String name, String modelType, Device device) {
        var root = Configuration.model(name, modelType);
        var type = root.section("model").read(Blip2OptType::read);
        var processors = root.section("preprocess").read(Processors::read);
        root.requireValid();
        var loaded = new Blip2OptLoader(WeightFiles.in(List.of())).load(Section.present(type), device);
        loaded.model().eval();
        return new ModelAndPreprocess(loaded, Section.present(processors));
    }

    /** The model. */
    public Blip2Opt model() {
        return loaded.model();
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
