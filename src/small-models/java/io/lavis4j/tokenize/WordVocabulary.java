package io.lavis4j.tokenize;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Vocabularies of T5 and BERT in which every word of some texts is one token; any other text of ASCII is encodable
 * through single characters. Equal texts give equal files.
 */
public final class WordVocabulary {

    private static final Pattern WORDS = Pattern.compile("(?<!\\S)(\\p{L}+|\\p{N}+|[^\\s\\p{L}\\p{N}]+)");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SPACE = "▁";

    /** Log-probability of a single character, below that of any word. */
    private static final double CHARACTER = -20;

    private WordVocabulary() {}

    /**
     * Writes T5's {@code tokenizer.json} and {@code tokenizer_config.json}, a unigram model by the words' frequencies.
     *
     * @param folder exists
     * @return the number of tokens
     * @throws UncheckedIOException if a file cannot be written
     */
    public static int t5(List<String> texts, Path folder) {
        var json = JSON.createObjectNode().put("version", "1.0");
        var added = json.putArray("added_tokens");
        json.putObject("normalizer")
                .put("type", "Sequence")
                .putArray("normalizers")
                .addObject()
                .put("type", "Replace")
                .put("content", " ")
                .putObject("pattern")
                .put("Regex", " {2,}");
        json.putObject("pre_tokenizer")
                .put("type", "Metaspace")
                .put("replacement", SPACE)
                .put("prepend_scheme", "always");
        var model = json.putObject("model").put("type", "Unigram").put("unk_id", 2);
        var pieces = model.putArray("vocab");
        for (String token : List.of("<pad>", "</s>", "<unk>")) {
            added.addObject()
                    .put("id", pieces.size())
                    .put("content", token)
                    .put("single_word", false)
                    .put("lstrip", false)
                    .put("rstrip", false)
                    .put("normalized", false)
                    .put("special", true);
            pieces.addArray().add(token).add(0.0);
        }
        var counts = count(texts);
        double all = counts.values().stream().mapToInt(Integer::intValue).sum();
        counts.forEach(
                (word, count) -> pieces.addArray().add(SPACE + word).add((double) (float) Math.log(count / all)));
        characters().forEach(character -> pieces.addArray().add(character).add(CHARACTER));
        pieces.addArray().add(SPACE).add(CHARACTER);
        var config = JSON.createObjectNode()
                .put("eos_token", "</s>")
                .put("unk_token", "<unk>")
                .put("pad_token", "<pad>")
                .put("extra_ids", 0)
                .put("tokenizer_class", "T5Tokenizer");
        write(folder.resolve("tokenizer.json"), json.toString());
        write(folder.resolve("tokenizer_config.json"), config);
        return pieces.size();
    }

    /**
     * Writes BERT's {@code vocab.txt} and {@code tokenizer_config.json}; words are in lower case.
     *
     * @param folder exists
     * @throws UncheckedIOException if a file cannot be written
     */
    public static void bert(List<String> texts, Path folder) {
        var tokens = new LinkedHashSet<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"));
        var characters = characters().stream()
                .filter(character -> character.equals(character.toLowerCase(Locale.ROOT)))
                .toList();
        tokens.addAll(characters);
        characters.stream()
                .filter(character -> Character.isLetterOrDigit(character.charAt(0)))
                .forEach(character -> tokens.add("##" + character));
        tokens.addAll(count(texts).keySet());
        write(folder.resolve("vocab.txt"), String.join("\n", tokens));
        write(
                folder.resolve("tokenizer_config.json"),
                JSON.createObjectNode().put("do_lower_case", true).put("tokenizer_class", "BertTokenizer"));
    }

    private static Map<String, Integer> count(List<String> texts) {
        var counts = new TreeMap<String, Integer>();
        for (String text : texts) {
            var word = WORDS.matcher(text);
            while (word.find()) {
                counts.merge(word.group(), 1, Integer::sum);
            }
        }
        return counts;
    }

    private static List<String> characters() {
        var characters = new ArrayList<String>();
        for (char c = '!'; c <= '~'; c++) {
            characters.add(String.valueOf(c));
        }
        return characters;
    }

    private static void write(Path file, ObjectNode json) {
        write(file, json.toPrettyString());
    }

    private static void write(Path file, String content) {
        try {
            Files.writeString(file, content + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written: " + e.getMessage(), e);
        }
    }
}
