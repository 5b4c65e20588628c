package io.lavis4j.zoo.huggingface;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.lavis4j.checkpoint.SafeTensors;
import io.lavis4j.io.JsonText;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * The file {@code lavis.safetensors} that we put beside a folder's weights, which transformers passes over: tensors
 * that Hugging Face's class has no place for, under LAVIS's names, and of a converted checkpoint what it held.
 *
 * @param tensors by LAVIS's names
 * @param checkpoint names in the checkpoint that the folder was made from, in its order; empty if it was none
 * @param words rows of the language model's tables before the folder's were made longer; 0 where they were not
 */
record LavisTensors(Map<String, Tensor> tensors, List<String> checkpoint, long words) {

    static final String FILE = "lavis.safetensors";

    private static final String KEY = "lavis4j";
    private static final String NAMES = "checkpoint";
    private static final String WORDS = "words";

    /** Those of a folder; none if it has no such file. The tensors are the caller's scope's. */
    static LavisTensors of(Path folder) {
        var file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            return new LavisTensors(Map.of(), List.of(), 0);
        }
        try {
            var json = JsonText.parse(SafeTensors.metadata(file).getOrDefault(KEY, "{}"));
            var names = new ArrayList<String>();
            json.path(NAMES).forEach(name -> names.add(name.asText()));
            return new LavisTensors(
                    SafeTensors.read(file), names, json.path(WORDS).asLong(0));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(
                    "%s: its metadata \"%s\" is not JSON (%s); convert the checkpoint again"
                            .formatted(file, KEY, e.getOriginalMessage()),
                    e);
        }
    }

    /** Writes the file, if there is anything to keep. */
    void write(Path folder) {
        if (tensors.isEmpty() && checkpoint.isEmpty()) {
            return;
        }
        var json = JsonNodeFactory.instance.objectNode().put(WORDS, words);
        checkpoint.forEach(json.putArray(NAMES)::add);
        SafeTensors.write(folder.resolve(FILE), tensors, Map.of("format", "pt", KEY, json.toString()));
    }
}
