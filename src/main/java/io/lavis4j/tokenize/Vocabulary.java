package io.lavis4j.tokenize;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/** Tokens and their ids: those of the model, and those that were added to it afterwards. */
final class Vocabulary {

    private final Map<String, Long> ids = new HashMap<>();
    private final Map<Long, String> tokens = new HashMap<>();
    private final Set<String> added = new HashSet<>();
    private final Set<String> special = new HashSet<>();
    private final Set<String> control = new HashSet<>();

    /** @param model names to ids, or pairs of a name and a score in the order of their ids; read from {@code file} */
    Vocabulary(JsonNode model, Path file) {
        for (int id = 0; model.isArray() && id < model.size(); id++) {
            JsonNode pair = model.get(id);
            if (!pair.path(0).isTextual() || !pair.path(1).isNumber()) {
                throw new IllegalArgumentException(
                        "%s: expected a token and its score as entry %d of the vocabulary, got %s"
                                .formatted(file, id, pair));
            }
            put(pair.get(0).textValue(), id);
        }
        for (var entry : model.properties()) {
            put(entry.getKey(), checkedId(entry.getKey(), entry.getValue(), file));
        }
    }

    /** The id that {@code file} gives a token. */
    static long checkedId(String token, JsonNode id, Path file) {
        if (!id.isIntegralNumber()) {
            throw new IllegalArgumentException("%s: expected an integer as the id of the token \"%s\", got \"%s\""
                    .formatted(file, token, id.asText()));
        }
        return id.longValue();
    }

    /** Adds a token with a given id unless it is there. */
    void add(String token, long id) {
        if (!ids.containsKey(token)) {
            put(token, id);
            added.add(token);
        }
    }

    /** Adds a token as a file lists it; one that the model has already and that is special stands for no text. */
    void add(String token, long id, boolean isSpecial) {
        if (isSpecial && ids.containsKey(token)) {
            control.add(token);
        }
        add(token, id);
    }

    /** Adds a token after the others unless it is there. */
    void add(String token) {
        add(token, size());
    }

    private void put(String token, long id) {
        ids.put(token, id);
        tokens.put(id, token);
    }

    /** Lets a token count as special. */
    void setSpecial(String token) {
        special.add(token);
    }

    int size() {
        return ids.size();
    }

    OptionalLong id(String token) {
        Long id = ids.get(token);
        return id == null ? OptionalLong.empty() : OptionalLong.of(id);
    }

    /** @throws IllegalArgumentException if no token has this id */
    String token(long id) {
        String token = tokens.get(id);
        if (token == null) {
            throw new IllegalArgumentException(
                    "expected ids of a vocabulary of %d tokens, got %d".formatted(size(), id));
        }
        return token;
    }

    boolean contains(String token) {
        return ids.containsKey(token);
    }

    boolean contains(long id) {
        return tokens.containsKey(id);
    }

    boolean isSpecial(String token) {
        return special.contains(token);
    }

    /** Whether the model has the token only to mark something, never as text. */
    boolean isControl(String token) {
        return control.contains(token);
    }

    Set<String> added() {
        return added;
    }
}
