package io.lavis4j.tokenize;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Learns a byte pair encoding (arXiv:1508.07909) from texts and writes it as the files of OPT or LLaMA.
 *
 * <p>Merging goes on until every word of the texts is one token; any other text is still encodable, through parts and
 * single bytes. Special tokens have the model's ids. Equal texts give equal files.
 */
public final class BpeTrainer {

    /** How GPT-2 cuts text into words, the space before a word being part of it. */
    private static final Pattern WORDS =
            Pattern.compile("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+");

    private static final List<String> SPECIAL = List.of("<s>", "<pad>", "</s>", "<unk>");
    private static final List<String> SPECIAL_OF_LLAMA = List.of("<unk>", "<s>", "</s>");
    private static final int BYTES = 256;
    private static final char SPACE_OF_OPT = 'Ġ';
    private static final char SPACE_OF_LLAMA = '▁';
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Two neighbouring tokens; of equally frequent pairs the first in this order is merged. */
    private record Merge(String left, String right) implements Comparable<Merge> {

        private static final Comparator<Merge> ORDER =
                Comparator.comparing(Merge::left).thenComparing(Merge::right);

        String merged() {
            return left + right;
        }

        @Override
        public int compareTo(Merge other) {
            return ORDER.compare(this, other);
        }
    }

    private final Map<List<String>, Integer> words;
    private final List<Merge> merges = new ArrayList<>();

    private BpeTrainer(Map<List<String>, Integer> words) {
        this.words = new LinkedHashMap<>(words);
    }

    /**
     * Writes {@code vocab.json}, {@code merges.txt}, {@code tokenizer_config.json} and {@code special_tokens_map.json}.
     *
     * @param folder exists
     * @return the number of tokens
     * @throws UncheckedIOException if a file cannot be written
     */
    public static int train(List<String> texts, Path folder) {
        var trainer = new BpeTrainer(count(texts));
        trainer.mergeAll();
        return trainer.write(folder);
    }

    /**
     * Writes {@code tokenizer.json} and {@code tokenizer_config.json} of LLaMA.
     *
     * @param texts of ASCII
     * @param folder exists
     * @return the number of tokens
     * @throws UncheckedIOException if a file cannot be written
     */
    public static int trainLlama(List<String> texts, Path folder) {
        var trainer = new BpeTrainer(count(texts));
        trainer.mergeAll();
        return trainer.writeLlama(folder);
    }

    private static Map<List<String>, Integer> count(List<String> texts) {
        var counts = new TreeMap<String, Integer>();
        for (String text : texts) {
            var word = WORDS.matcher(text);
            while (word.find()) {
                counts.merge(ByteLevelBpe.visible(word.group().getBytes(StandardCharsets.UTF_8)), 1, Integer::sum);
            }
        }
        var words = new LinkedHashMap<List<String>, Integer>();
        counts.forEach((word, count) ->
                words.put(word.chars().mapToObj(Character::toString).toList(), count));
        return words;
    }

    private void mergeAll() {
        for (var best = mostFrequent(); best != null; best = mostFrequent()) {
            var merge = best;
            merges.add(merge);
            var merged = new LinkedHashMap<List<String>, Integer>();
            words.forEach((word, count) -> merged.put(apply(merge, word), count));
            words.clear();
            words.putAll(merged);
        }
    }

    private @Nullable Merge mostFrequent() {
        var counts = new HashMap<Merge, Integer>();
        words.forEach((word, count) -> {
            for (int i = 0; i + 1 < word.size(); i++) {
                counts.merge(new Merge(word.get(i), word.get(i + 1)), count, Integer::sum);
            }
        });
        return counts.entrySet().stream()
                .min(Map.Entry.<Merge, Integer>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .map(Map.Entry::getKey)
                .orElse(null);
    }

    private static List<String> apply(Merge merge, List<String> word) {
        var merged = new ArrayList<String>();
        for (int i = 0; i < word.size(); i++) {
            boolean pair = i + 1 < word.size()
                    && word.get(i).equals(merge.left())
                    && word.get(i + 1).equals(merge.right());
            merged.add(pair ? merge.merged() : word.get(i));
            if (pair) {
                i++;
            }
        }
        return merged;
    }

    private int write(Path folder) {
        var vocabulary = JSON.createObjectNode();
        SPECIAL.forEach(token -> vocabulary.put(token, vocabulary.size()));
        ByteLevelBpe.alphabet().forEach(token -> vocabulary.put(token, vocabulary.size()));
        merges.stream()
                .map(Merge::merged)
                .filter(token -> !vocabulary.has(token))
                .forEach(token -> vocabulary.put(token, vocabulary.size()));
        var special = JSON.createObjectNode()
                .put("bos_token", "</s>")
                .put("eos_token", "</s>")
                .put("unk_token", "</s>")
                .put("pad_token", "<pad>");
        var config = special.deepCopy()
                .put("add_prefix_space", false)
                .put("add_bos_token", true)
                .put("errors", "replace")
                .put("tokenizer_class", "GPT2Tokenizer");
        write(folder.resolve("vocab.json"), vocabulary.toString());
        write(folder.resolve("tokenizer_config.json"), config.toPrettyString());
        write(folder.resolve("special_tokens_map.json"), special.toPrettyString());
        write(
                folder.resolve("merges.txt"),
                merges.stream()
                        .map(merge -> merge.left() + " " + merge.right())
                        .collect(Collectors.joining("\n", "#version: 0.2\n", "")));
        return vocabulary.size();
    }

    private int writeLlama(Path folder) {
        var json = JSON.createObjectNode().put("version", "1.0");
        var added = json.putArray("added_tokens");
        var model = json.putObject("model").put("type", "BPE").put("unk_token", "<unk>");
        model.put("fuse_unk", true).put("byte_fallback", true);
        var vocabulary = model.putObject("vocab");
        for (String token : SPECIAL_OF_LLAMA) {
            added.addObject().put("id", vocabulary.size()).put("content", token).put("special", true);
            vocabulary.put(token, vocabulary.size());
        }
        for (int b = 0; b < BYTES; b++) {
            vocabulary.put("<0x%02X>".formatted(b), vocabulary.size());
        }
        vocabulary.put(String.valueOf(SPACE_OF_LLAMA), vocabulary.size());
        for (char c = '!'; c <= '~'; c++) {
            vocabulary.put(String.valueOf(c), vocabulary.size());
        }
        var pairs = model.putArray("merges");
        for (var merge : merges) {
            String left = merge.left().replace(SPACE_OF_OPT, SPACE_OF_LLAMA);
            String right = merge.right().replace(SPACE_OF_OPT, SPACE_OF_LLAMA);
            pairs.addArray().add(left).add(right);
            if (!vocabulary.has(left + right)) {
                vocabulary.put(left + right, vocabulary.size());
            }
        }
        var config = JSON.createObjectNode()
                .put("bos_token", "<s>")
                .put("eos_token", "</s>")
                .put("unk_token", "<unk>")
                .put("add_bos_token", true)
                .put("tokenizer_class", "LlamaTokenizer");
        write(folder.resolve("tokenizer.json"), json.toString());
        write(folder.resolve("tokenizer_config.json"), config.toPrettyString());
        return vocabulary.size();
    }

    private static void write(Path file, String content) {
        try {
            Files.writeString(file, content + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written: " + e.getMessage(), e);
        }
    }
}
