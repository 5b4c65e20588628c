package io.lavis4j.download;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.io.JsonFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** The files of a model on the Hugging Face hub that are read here, of the many that a repository may have. */
public final class HubFiles {

    private static final Set<String> CONFIG_AND_TOKENIZER = Set.of(
            "config.json",
            "generation_config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "added_tokens.json",
            "tokenizer.model",
            "spiece.model",
            "vocab.json",
            "merges.txt",
            "vocab.txt");

    /** Kinds of weights, the first of which that a repository has is taken. */
    private static final List<Weights> WEIGHTS = List.of(
            new Weights("model.safetensors", "model-\\d+-of-\\d+\\.safetensors"),
            new Weights("pytorch_model.bin", "pytorch_model-\\d+-of-\\d+\\.bin"));

    /** @param shard names of the pieces that {@code whole.index.json} puts together */
    private record Weights(String whole, Pattern shard) {

        Weights(String whole, String shard) {
            this(whole, Pattern.compile(shard));
        }

        String index() {
            return whole + ".index.json";
        }
    }

    private HubFiles() {}

    /**
     * Those that are needed.
     *
     * @param all names in the repository
     * @param withWeights or configuration and tokenizer alone
     */
    static List<String> chosen(Collection<String> all, boolean withWeights) {
        var chosen = new ArrayList<>(
                all.stream().filter(CONFIG_AND_TOKENIZER::contains).sorted().toList());
        if (withWeights) {
            chosen.addAll(weights(all));
        }
        return chosen;
    }

    private static List<String> weights(Collection<String> all) {
        for (var weights : WEIGHTS) {
            if (all.contains(weights.whole())) {
                return List.of(weights.whole());
            }
            if (all.contains(weights.index())) {
                var files = new ArrayList<>(List.of(weights.index()));
                all.stream().filter(weights.shard().asMatchPredicate()).sorted().forEach(files::add);
                return files;
            }
        }
        return List.of();
    }

    /**
     * Whether a folder lacks a piece that its index of weights names, as another program's interrupted download does.
     */
    public static boolean lacksShards(Path folder) {
        for (var weights : WEIGHTS) {
            var index = folder.resolve(weights.index());
            if (Files.isRegularFile(index)) {
                for (JsonNode shard :
                        JsonFile.of(index, "an index of weights").object().path("weight_map")) {
                    if (!weights.shard().matcher(shard.asText()).matches()
                            || !Files.isRegularFile(folder.resolve(shard.asText()))) {
                        return true;
                    }
                }
                return false;
            }
        }
        return false;
    }
}
