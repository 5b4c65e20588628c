package io.lavis4j.download;

import static io.lavis4j.io.Arguments.require;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.io.JsonText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A catalog's JSON, strictly: an unknown key, a value of another kind or a path that leaves the root is an error. */
final class CatalogReader {

    private static final Set<String> FILE_KEYS =
            Set.of("path", "address", "by_hand", "size", "checksum", "unpack", "provides");

    private final String file;
    private final JsonNode json;

    /** @param file for messages */
    CatalogReader(String file, JsonNode json) {
        this.file = file;
        this.json = json;
        only("", json, Set.of("mirrors", "weights", "datasets"));
        only("weights", json.path("weights"), Set.of("files", "by_hand"));
    }

    Map<String, String> mirrors() {
        var mirrors = texts("mirrors", json.path("mirrors"));
        mirrors.forEach((from, to) -> at("mirrors." + from, () -> Addresses.parse(to)));
        return mirrors;
    }

    /** @param key {@code files} or {@code by_hand} */
    Map<String, String> weights(String key) {
        String place = "weights." + key;
        var weights = texts(place, json.path("weights").path(key));
        if (key.equals("files")) {
            weights.forEach((name, address) -> at(place + "." + name, () -> Addresses.parse(address)));
        }
        return weights;
    }

    Map<String, PublishedDataset> datasets() {
        var datasets = new LinkedHashMap<String, PublishedDataset>();
        only("datasets", json.path("datasets"), null);
        json.path("datasets").properties().forEach(entry -> {
            String name = entry.getKey(), place = "datasets." + name;
            var node = entry.getValue();
            only(place, node, Set.of("title", "terms", "images", "files"));
            var files = new ArrayList<PublishedFile>();
            for (var published : list(place + ".files", node.path("files"))) {
                files.add(file("%s.files[%d]".formatted(place, files.size()), published));
            }
            datasets.put(
                    name,
                    new PublishedDataset(
                            name,
                            needed(place, node, "title"),
                            needed(place, node, "terms"),
                            strings(place + ".images", node.path("images")),
                            files));
        });
        return datasets;
    }

    private PublishedFile file(String place, JsonNode node) {
        only(place, node, FILE_KEYS);
        String path = needed(place, node, "path"), address = text(place, node, "address");
        String checksum = text(place, node, "checksum");
        var size = node.path("size");
        require(
                size.isMissingNode() || size.isNull() || (size.isIntegralNumber() && size.canConvertToLong()),
                "%s: %s.size: expected a number of bytes, got %s",
                file,
                place,
                JsonText.found(size));
        var provides = strings(place + ".provides", node.path("provides"));
        return at(
                place,
                () -> new PublishedFile(
                        path,
                        address == null ? null : Addresses.parse(address),
                        text(place, node, "by_hand"),
                        size.isIntegralNumber() ? size.longValue() : null,
                        checksum == null ? null : Checksum.parse(checksum),
                        text(place, node, "unpack"),
                        provides.isEmpty() && text(place, node, "unpack") == null ? List.of(path) : provides));
    }

    private interface Value<T> {
        T get();
    }

    private <T> T at(String place, Value<T> value) {
        try {
            return value.get();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("%s: %s: %s".formatted(file, place, e.getMessage()), e);
        }
    }

    /** @param keys {@code null} for any */
    private void only(String place, JsonNode node, @Nullable Set<String> keys) {
        require(
                node.isObject() || (node.isMissingNode() && !place.isEmpty()),
                "%s: %s: expected an object, got %s",
                file,
                place.isEmpty() ? "the catalog" : place,
                JsonText.found(node));
        node.fieldNames()
                .forEachRemaining(key -> require(
                        keys == null || keys.contains(key),
                        "%s: %s: expected one of the keys %s, got \"%s\"",
                        file,
                        place.isEmpty() ? "the catalog" : place,
                        keys == null ? Set.of() : new TreeSet<>(keys),
                        key));
    }

    private Map<String, String> texts(String place, JsonNode node) {
        only(place, node, null);
        var texts = new LinkedHashMap<String, String>();
        node.properties().forEach(entry -> texts.put(entry.getKey(), needed(place, node, entry.getKey())));
        return texts;
    }

    private JsonNode list(String place, JsonNode node) {
        require(
                node.isArray() || node.isMissingNode(),
                "%s: %s: expected a list, got %s",
                file,
                place,
                JsonText.found(node));
        return node;
    }

    private List<String> strings(String place, JsonNode node) {
        var strings = new ArrayList<String>();
        for (var value : list(place, node)) {
            require(
                    value.isTextual(),
                    "%s: %s: expected a list of texts, got %s in it",
                    file,
                    place,
                    JsonText.found(value));
            strings.add(value.textValue());
        }
        return strings;
    }

    private String needed(String place, JsonNode node, String key) {
        String value = text(place, node, key);
        require(value != null, "%s: %s: expected the key \"%s\", a text", file, place, key);
        return Objects.requireNonNull(value);
    }

    private @Nullable String text(String place, JsonNode node, String key) {
        var value = node.path(key);
        require(
                value.isTextual() || value.isMissingNode() || value.isNull(),
                "%s: %s.%s: expected a text, got %s",
                file,
                place,
                key,
                JsonText.found(value));
        return value.textValue();
    }
}
