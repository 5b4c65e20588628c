package io.lavis4j.tokenize;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.io.JsonFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.TreeMap;

/**
 * A tokenizer's files as fast classes of transformers read them: {@code tokenizer.json}, whatever files the tokenizer
 * was made of, and {@code tokenizer_config.json}.
 *
 * <p>The class that the second names takes the first as it is. What a checkpoint's own {@code tokenizer.json} says of
 * cutting words stays; tokens, their roles and those around a text are this tokenizer's.
 */
public final class TokenizerFiles {

    private static final String CLASS = "PreTrainedTokenizerFast";
    private static final List<String> KEPT = List.of(
            "model_max_length",
            "legacy",
            "add_bos_token",
            "add_eos_token",
            "add_prefix_space",
            "do_lower_case",
            "strip_accents",
            "tokenize_chinese_chars",
            "extra_ids");

    private final Tokenizer tokenizer;
    private final HubFolder source;

    private TokenizerFiles(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
        source = new HubFolder(tokenizer.file.toAbsolutePath().resolveSibling(""));
    }

    /**
     * Writes both files.
     *
     * @param further special tokens; one that the tokenizer lacks is added after its others
     * @param side on which texts are padded, and cut
     */
    public static void write(Tokenizer tokenizer, List<String> further, Side side, Path folder) {
        var files = new TokenizerFiles(tokenizer);
        JsonFile.write(folder.resolve("tokenizer.json"), files.pipeline(further));
        JsonFile.write(folder.resolve("tokenizer_config.json"), files.config(side));
    }

    private ObjectNode pipeline(List<String> further) {
        var json = JsonNodeFactory.instance.objectNode().put("version", "1.0");
        json.putNull("truncation");
        json.putNull("padding");
        var made = source.has("tokenizer.json") ? source.object("tokenizer.json") : made();
        json.set("added_tokens", added(made.path("added_tokens"), further));
        for (String part : List.of("normalizer", "pre_tokenizer")) {
            json.set(part, made.path(part).isObject() ? made.get(part) : json.nullNode());
        }
        json.set("post_processor", template());
        json.set("decoder", made.path("decoder").isObject() ? made.get("decoder") : json.nullNode());
        json.set("model", made.get("model"));
        return json;
    }

    private ObjectNode made() {
        var made = tokenizer.scheme.pipeline(source);
        tokenizer.scheme.settle(made, tokenizer.token(SpecialToken.UNK));
        tokenizer.scheme.complete(made);
        return made;
    }

    /** Tokens that are looked for before words are cut, by their ids. */
    private ArrayNode added(JsonNode listed, List<String> further) {
        var byId = new TreeMap<Long, ObjectNode>();
        listed.forEach(token ->
                byId.put(token.path("id").asLong(), entry(token.path("id").asLong(), token)));
        var contents = new LinkedHashSet<>(tokenizer.vocabulary.added());
        tokenizer.special.roles().values().forEach(token -> contents.add(token.content()));
        tokenizer.special.others().forEach(token -> contents.add(token.content()));
        for (String content : contents) {
            long id = tokenizer.vocabulary.id(content).orElseThrow();
            byId.computeIfAbsent(id, i -> entry(i, content, tokenizer.vocabulary.isSpecial(content)));
        }
        long next = tokenizer.vocabSize();
        for (String content : further) {
            var known = tokenizer.tokenToId(content);
            long id = known.isPresent() ? known.getAsLong() : next++;
            byId.computeIfAbsent(id, i -> entry(i, content, true));
        }
        var array = JsonNodeFactory.instance.arrayNode();
        byId.values().forEach(array::add);
        return array;
    }

    private static ObjectNode entry(long id, String content, boolean special) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", id)
                .put("content", content)
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", !special)
                .put("special", special);
    }

    private static ObjectNode entry(long id, JsonNode listed) {
        var entry = entry(
                id, listed.path("content").asText(), listed.path("special").asBoolean());
        entry.properties().forEach(field -> {
            if (listed.has(field.getKey())) {
                entry.set(field.getKey(), listed.get(field.getKey()));
            }
        });
        return entry;
    }

    /** Puts the special tokens around a text, or two. */
    private JsonNode template() {
        var nodes = JsonNodeFactory.instance;
        var prefix = tokenizer.scheme.prefix();
        var suffix = tokenizer.scheme.suffix();
        if (prefix.isEmpty() && suffix.isEmpty()) {
            return nodes.nullNode();
        }
        var single = new ArrayList<ObjectNode>();
        prefix.forEach(role -> single.add(piece("SpecialToken", tokenizer.token(role), 0)));
        single.add(piece("Sequence", "A", 0));
        suffix.forEach(role -> single.add(piece("SpecialToken", tokenizer.token(role), 0)));
        var pair = new ArrayList<>(single);
        pair.add(piece("Sequence", "B", 1));
        suffix.forEach(role -> pair.add(piece("SpecialToken", tokenizer.token(role), 1)));

        var template = nodes.objectNode().put("type", "TemplateProcessing");
        single.forEach(template.putArray("single")::add);
        pair.forEach(template.putArray("pair")::add);
        var used = template.putObject("special_tokens");
        for (var role : new LinkedHashSet<>(concat(prefix, suffix))) {
            String token = tokenizer.token(role);
            var entry = used.putObject(token).put("id", token);
            entry.putArray("ids").add(tokenizer.id(role));
            entry.putArray("tokens").add(token);
        }
        return template;
    }

    private static List<SpecialToken> concat(List<SpecialToken> first, List<SpecialToken> second) {
        var all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }

    private static ObjectNode piece(String kind, String id, int type) {
        var piece = JsonNodeFactory.instance.objectNode();
        piece.putObject(kind).put("id", id).put("type_id", type);
        return piece;
    }

    private ObjectNode config(Side side) {
        var config = JsonNodeFactory.instance.objectNode().put("tokenizer_class", CLASS);
        var before = source.objectIfPresent("tokenizer_config.json");
        for (String key : KEPT) {
            if (before.hasNonNull(key)) {
                config.set(key, before.get(key));
            }
        }
        tokenizer.special.roles().forEach((role, token) -> config.put(role.key(), token.content()));
        if (!tokenizer.special.others().isEmpty()) {
            var others = config.putArray("additional_special_tokens");
            tokenizer.special.others().forEach(token -> others.add(token.content()));
        }
        String name = side == Side.LEFT ? "left" : "right";
        return config.put("clean_up_tokenization_spaces", tokenizer.cleansUpSpaces())
                .put("padding_side", name)
                .put("truncation_side", name);
    }
}
