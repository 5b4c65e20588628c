package io.lavis4j.tokenize;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Byte-level byte pair encoding of GPT-2 with OPT's special tokens: each of the 256 bytes is written as one visible
 * character, and pairs of them are merged.
 *
 * @param addBos whether {@code </s>} goes before a text
 * @param addPrefixSpace whether a space goes before a text
 */
record ByteLevelBpe(boolean addBos, boolean addPrefixSpace) implements Scheme {

    private static final Map<Character, Integer> BYTE_OF = byteOf();
    private static final Map<Integer, Character> CHARACTER_OF =
            BYTE_OF.entrySet().stream().collect(Collectors.toMap(Map.Entry::getValue, Map.Entry::getKey));

    static ByteLevelBpe of(ObjectNode config) {
        return new ByteLevelBpe(
                config.path("add_bos_token").asBoolean(true),
                config.path("add_prefix_space").asBoolean(false));
    }

    @Override
    public String modelType() {
        return "BPE";
    }

    @Override
    public List<String> vocabularyFiles() {
        return List.of("vocab.json", "merges.txt");
    }

    @Override
    public ObjectNode pipeline(HubFolder folder) {
        ObjectNode pipeline = JsonNodeFactory.instance.objectNode();
        pipeline.putObject("pre_tokenizer")
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true);
        ObjectNode model = pipeline.putObject("model").put("type", modelType());
        model.set("vocab", folder.object("vocab.json"));
        var merges = model.putArray("merges");
        int lineNumber = 0;
        for (String line : folder.lines("merges.txt")) {
            lineNumber++;
            if (line.isEmpty() || (lineNumber == 1 && line.startsWith("#version"))) {
                continue;
            }
            String[] pair = line.split(" ", -1);
            if (pair.length != 2) {
                throw new IllegalArgumentException("%s line %d: expected two tokens and one space between, got \"%s\""
                        .formatted(folder.path().resolve("merges.txt"), lineNumber, line));
            }
            merges.addArray().add(pair[0]).add(pair[1]);
        }
        return pipeline;
    }

    @Override
    public void settle(ObjectNode pipeline, String unknownToken) {
        // prepare has put the space, once per text and not once per stretch of plain text
        pipeline.findParents("add_prefix_space").forEach(n -> ((ObjectNode) n).put("add_prefix_space", false));
        pipeline.withObject("/model").put("unk_token", unknownToken);
    }

    @Override
    public void complete(ObjectNode pipeline) {
        pipeline.withObject("/pre_tokenizer").put("add_prefix_space", addPrefixSpace);
        pipeline.putObject("decoder")
                .put("type", "ByteLevel")
                .put("add_prefix_space", true)
                .put("trim_offsets", true);
    }

    @Override
    public Map<SpecialToken, String> defaultTokens() {
        return Map.of(
                SpecialToken.BOS,
                "</s>",
                SpecialToken.EOS,
                "</s>",
                SpecialToken.UNK,
                "</s>",
                SpecialToken.PAD,
                "<pad>");
    }

    @Override
    public List<SpecialToken> prefix() {
        return addBos ? List.of(SpecialToken.BOS) : List.of();
    }

    @Override
    public List<SpecialToken> suffix() {
        return List.of();
    }

    @Override
    public String prepare(String text) {
        return addPrefixSpace ? " " + text : text;
    }

    @Override
    public String join(List<String> tokens, Vocabulary vocabulary) {
        var bytes = new ByteArrayOutputStream();
        for (char c : String.join("", tokens).toCharArray()) {
            Integer b = BYTE_OF.get(c);
            if (b == null) { // only in a special token
                bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
            } else {
                bytes.write(b);
            }
        }
        return utf8(bytes.toByteArray());
    }

    /** Text of UTF-8; an encoded surrogate becomes three U+FFFD as in Python, not one as in Java. */
    private static String utf8(byte[] bytes) {
        for (int i = 0; i + 1 < bytes.length; i++) {
            if (bytes[i] == (byte) 0xED && (bytes[i + 1] & 0xE0) == 0xA0) {
                bytes[i] = (byte) 0xFF;
            }
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** The bytes of a text as the vocabulary writes them. */
    static String visible(byte[] bytes) {
        var text = new StringBuilder();
        for (byte b : bytes) {
            text.append(CHARACTER_OF.get(b & 0xFF));
        }
        return text.toString();
    }

    /** The characters that stand for bytes, in the order of OPT's vocabulary: those that stand for themselves first. */
    static List<String> alphabet() {
        return BYTE_OF.keySet().stream().sorted().map(String::valueOf).toList();
    }

    /** Visible Latin-1 characters stand for themselves; the other bytes, in order, for the characters from 256 on. */
    private static Map<Character, Integer> byteOf() {
        var map = new HashMap<Character, Integer>();
        char next = 256;
        for (int b = 0; b < 256; b++) {
            boolean visible = (b >= '!' && b <= '~') || (b >= 0xA1 && b != 0xAD);
            map.put(visible ? (char) b : next++, b);
        }
        return Map.copyOf(map);
    }
}
