package io.lavis4j.tokenize;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/** Tokens and their ids: those of the model, and those that were added to it afterwards. */
final class Vocabulary {

    private final Map<String, Long> ids = new HashMap<>();
    private final Map<Long, String> tokens = new HashMap<>();
    private final Map<String, Long> added = new HashMap<>();

    /** @param model names to ids, read from {@code file} */
    Vocabulary(JsonNode model, Path file) {
        for (var entry : model.properties()) {
            if (!entry.getValue().canConvertToLong()) {
                throw new IllegalArgumentException("%s: expected an integer id for the token \"%s\", got %s"
                        .formatted(file, entry.getKey(), entry.getValue()));
            }
            put(entry.getKey(), entry.getValue().longValue());
        }
    }

    /** Adds a token with a given id unless it is there. */
    void add(String token, long id) {
        if (!ids.containsKey(token)) {
            put(token, id);
            added.put(token, id);
        }
    }

    /** Adds a token behind the others unless it is there. */
    void add(String token) {
        add(token, size());
    }

    private void put(String token, long id) {
        ids.put(token, id);
        tokens.put(id, token);
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

    boolean isAdded(String token) {
        return added.containsKey(token);
    }

    Map<String, Long> added() {
        return added;
    }
}
