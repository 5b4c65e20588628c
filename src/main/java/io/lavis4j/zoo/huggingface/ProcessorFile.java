package io.lavis4j.zoo.huggingface;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.config.Section;
import io.lavis4j.io.JsonFile;
import io.lavis4j.io.JsonText;
import io.lavis4j.processor.Normalization;
import io.lavis4j.processor.Processors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The image processor of a folder: nested in {@code processor_config.json}, in older folders
 * {@code preprocessor_config.json}.
 *
 * <p>It is LAVIS's {@code blip_image_eval}: the whole image as a square, bicubic. Hugging Face's class changes no texts
 * and has nothing for training, so there are no such processors.
 *
 * @param file for messages
 * @param json of the image processor
 */
record ProcessorFile(Path file, JsonNode json) {

    private static final String NAME = "processor_config.json";
    private static final String OLD_NAME = "preprocessor_config.json";
    private static final int BICUBIC = 3;
    private static final double RESCALE = 1 / 255.0;

    static ProcessorFile of(Path folder) {
        var file = folder.resolve(NAME);
        var nested = Files.exists(file)
                ? JsonFile.of(file, "the processors in a folder that save_pretrained wrote")
                        .object()
                        .path("image_processor")
                : JsonNodeFactory.instance.missingNode();
        if (nested.isObject()) {
            return new ProcessorFile(file, nested);
        }
        var old = folder.resolve(OLD_NAME);
        return new ProcessorFile(
                old,
                JsonFile.of(old, "the image processor, as %s has none; save the processor too".formatted(NAME))
                        .object());
    }

    /**
     * The processors for evaluation.
     *
     * @param imageSize of the model, pixels
     * @throws IllegalArgumentException if they do something else
     */
    Processors processors(int imageSize) {
        for (String step : List.of("do_resize", "do_rescale", "do_normalize", "do_convert_rgb")) {
            require(step, json.path(step).asBoolean(true), "true");
        }
        require("do_center_crop", !json.path("do_center_crop").asBoolean(false), "false");
        require("resample", json.path("resample").asInt(BICUBIC) == BICUBIC, BICUBIC + ", bicubic");
        require("rescale_factor", Math.abs(json.path("rescale_factor").asDouble(RESCALE) - RESCALE) < 1e-9, "1/255");
        for (String side : List.of("height", "width")) {
            var found = json.path("size").path(side);
            require(
                    "size",
                    found.asInt(384) == imageSize,
                    "a %s of %d, the model's image_size".formatted(side, imageSize));
        }
        var eval = Map.<String, Object>of(
                "name",
                "blip_image_eval",
                "image_size",
                imageSize,
                "mean",
                numbers("image_mean", Normalization.CLIP.mean()),
                "std",
                numbers("image_std", Normalization.CLIP.std()));
        var root = Section.root(Map.of("vis_processor", Map.of(Processors.EVAL, eval)));
        var processors = root.read(Processors::read);
        root.requireValid();
        return Section.present(processors);
    }

    private List<Double> numbers(String key, List<Double> absent) {
        var found = json.path(key);
        if (found.isMissingNode() || found.isNull()) {
            return absent;
        }
        var numbers = new ArrayList<Double>();
        found.forEach(number -> numbers.add(number.isNumber() ? number.asDouble() : Double.NaN));
        require(key, numbers.size() == 3 && !numbers.contains(Double.NaN), "three numbers");
        return numbers;
    }

    private void require(String key, boolean holds, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(
                    "%s: %s is %s, expected %s".formatted(file, key, JsonText.found(json.path(key)), expected));
        }
    }

    /** The file of a model that is written. */
    static void write(Path folder, int imageSize, int queries, String processorClass) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        var images = json.putObject("image_processor").put("image_processor_type", "BlipImageProcessor");
        for (String step : List.of("do_convert_rgb", "do_normalize", "do_rescale", "do_resize")) {
            images.put(step, true);
        }
        var mean = images.putArray("image_mean");
        Normalization.CLIP.mean().forEach(mean::add);
        var std = images.putArray("image_std");
        Normalization.CLIP.std().forEach(std::add);
        images.put("resample", BICUBIC).put("rescale_factor", RESCALE);
        images.putObject("size").put("height", imageSize).put("width", imageSize);
        json.put("num_query_tokens", queries).put("processor_class", processorClass);
        JsonFile.write(folder.resolve(NAME), json);
    }
}
