package io.lavis4j.quickstart;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.checkpoint.SafeTensors;
import io.lavis4j.nn.Module;
import io.lavis4j.processor.InstructionTemplates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The folder of a language model in Hugging Face's files.
 *
 * @param path of the folder
 */
record ModelFolder(Path path) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Makes the folder that a program is given as its only argument. */
    static ModelFolder of(String... arguments) {
        if (arguments.length != 1) {
            throw new IllegalArgumentException("expected one argument, the folder to write to, got %d: %s"
                    .formatted(arguments.length, Arrays.toString(arguments)));
        }
        return make(Path.of(arguments[0]));
    }

    static ModelFolder make(Path path) {
        try {
            Files.createDirectories(path);
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be made: " + e.getMessage(), e);
        }
        return new ModelFolder(path);
    }

    static ObjectNode config() {
        return JSON.createObjectNode();
    }

    void writeConfig(ObjectNode config) {
        var file = path.resolve("config.json");
        try {
            Files.writeString(file, config.toPrettyString() + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written: " + e.getMessage(), e);
        }
    }

    /** @param tied names of what is another parameter */
    void writeWeights(Module model, ScalarType dtype, List<String> tied) {
        try (var scope = new PointerScope()) {
            var state = new LinkedHashMap<String, Tensor>();
            model.stateDict().forEach((name, tensor) -> {
                if (!tied.contains(name)) {
                    state.put(name, tensor.detach().to(dtype));
                }
            });
            SafeTensors.write(path.resolve("model.safetensors"), state, Map.of("format", "pt"));
        }
    }

    /** Instructions that models learn to answer: none, this library's for captions, and Sherlock's. */
    static List<String> instructions() {
        return Stream.concat(
                        Stream.of("", "inference:", "Inference:"), InstructionTemplates.bundled().caption().stream())
                .toList();
    }

    /** Everything that a tokenizer should have whole words for. */
    static List<String> words() {
        return Stream.concat(
                        ClueLessons.texts().flatMap(text -> Stream.of(text.clue(), text.inference())),
                        instructions().stream())
                .toList();
    }
}
