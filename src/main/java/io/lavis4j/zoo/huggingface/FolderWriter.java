package io.lavis4j.zoo.huggingface;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.checkpoint.SafeTensors;
import io.lavis4j.io.JsonFile;
import io.lavis4j.io.Temporary;
import io.lavis4j.tokenize.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Writes a folder that transformers opens, in one step: it appears whole or not at all.
 *
 * @param kind class of the model
 * @param content configuration and weights
 * @param tokenizers where they come from
 * @param shardBytes weights that are more are written in several files
 */
record FolderWriter(ModelClass<?> kind, Content content, SourceTokenizers tokenizers, long shardBytes) {

    private static final long SHARD_BYTES = 5_000_000_000L;
    private static final Map<String, String> FORMAT = Map.of("format", "pt");
    private static final List<String> GENERATION =
            List.of("bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id");

    /**
     * What a folder holds besides tokenizers.
     *
     * @param config its {@code config.json}
     * @param weights under Hugging Face's names
     * @param lavis what its class has no place for
     */
    record Content(ObjectNode config, Map<String, Tensor> weights, LavisTensors lavis) {}

    FolderWriter(ModelClass<?> kind, Content content, SourceTokenizers tokenizers) {
        this(kind, content, tokenizers, SHARD_BYTES);
    }

    /**
     * @param tokenizer of the language model, or of the Q-Former
     * @throws UncheckedIOException if the folder is there already or cannot be written; nothing is left then
     */
    void write(Path folder, Tokenizer tokenizer) {
        requireNew(folder);
        var parent = folder.toAbsolutePath().getParent();
        try (var temporary = Temporary.beside(folder)) {
            var inside = Files.createDirectory(temporary.path());
            writeInside(inside, tokenizer);
            sync(inside);
            Files.move(inside, folder, StandardCopyOption.ATOMIC_MOVE);
            if (parent != null) {
                sync(parent);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "%s cannot be written (%s); nothing of it is left".formatted(folder.toAbsolutePath(), e), e);
        }
    }

    /** Refuses a place where something is, or that is in no folder. */
    static void requireNew(Path target) {
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new IllegalArgumentException(
                    "%s is there already; name a file or folder that is new".formatted(target.toAbsolutePath()));
        }
        var parent = target.toAbsolutePath().getParent();
        if (parent != null && !Files.isDirectory(parent)) {
            throw new IllegalArgumentException(
                    "%s cannot be made, as %s is not a folder; make that first, or name another"
                            .formatted(target.toAbsolutePath(), parent));
        }
    }

    private static void sync(Path folder) throws IOException {
        try (var entry = FileChannel.open(folder)) {
            entry.force(true);
        }
    }

    private void writeInside(Path folder, Tokenizer tokenizer) throws IOException {
        var config = content.config;
        JsonFile.write(folder.resolve(FolderConfig.NAME), config);
        if (kind.hasLanguageModel()) {
            var generation = JsonNodeFactory.instance.objectNode().put("_from_model_config", true);
            GENERATION.forEach(key -> {
                if (config.path("text_config").has(key)) {
                    generation.set(key, config.get("text_config").get(key));
                }
            });
            JsonFile.write(folder.resolve("generation_config.json"), generation);
        }
        ProcessorFile.write(
                folder,
                config.path("vision_config").path("image_size").asInt(),
                config.path("num_query_tokens").asInt(),
                kind.isInstruct() ? "InstructBlipProcessor" : "Blip2Processor");
        tokenizers.write(kind, tokenizer, folder);
        content.lavis.write(folder);
        writeWeights(folder);
    }

    private void writeWeights(Path folder) {
        var shards = shards();
        if (shards.size() == 1) {
            SafeTensors.write(folder.resolve("model.safetensors"), content.weights, FORMAT);
            return;
        }
        var index = JsonNodeFactory.instance.objectNode();
        long bytes = content.weights.values().stream().mapToLong(Tensor::nbytes).sum();
        index.putObject("metadata").put("total_size", bytes);
        var map = index.putObject("weight_map");
        for (int i = 0; i < shards.size(); i++) {
            String name = "model-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
            shards.get(i).keySet().forEach(tensor -> map.put(tensor, name));
            SafeTensors.write(folder.resolve(name), shards.get(i), FORMAT);
        }
        JsonFile.write(folder.resolve("model.safetensors.index.json"), index);
    }

    /** A tensor that is larger than a shard has one of its own. */
    private List<Map<String, Tensor>> shards() {
        var shards = new ArrayList<Map<String, Tensor>>();
        long room = 0;
        for (var entry : content.weights.entrySet()) {
            long bytes = entry.getValue().nbytes();
            if (shards.isEmpty() || bytes > room) {
                shards.add(new LinkedHashMap<>());
                room = shardBytes;
            }
            shards.get(shards.size() - 1).put(entry.getKey(), entry.getValue());
            room -= bytes;
        }
        return shards;
    }
}
