package io.lavis4j.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.parser.ParserImpl;

/**
 * Reads one YAML document into maps, lists, texts, numbers, booleans and nulls; scalars as in {@link YamlScalars},
 * texts with interpolations as {@link Interpolation}.
 *
 * <p>Nothing but these is ever constructed. Keys are texts as written and may come once; anchors, aliases and merge
 * keys are followed as long as the whole stays a tree of reasonable size.
 */
final class YamlReader {

    private static final int MAX_NODES = 1_000_000;
    private static final long MAX_BYTES = 8 << 20;
    private static final YamlScalars SCALARS = new YamlScalars();

    private final String name;
    private final List<String> problems = new ArrayList<>();
    private final Set<Node> open = Collections.newSetFromMap(new IdentityHashMap<>());
    private int nodes;

    private YamlReader(String name) {
        this.name = name;
    }

    /**
     * The map in a UTF-8 file.
     *
     * @throws ConfigException if it is not such a file; each problem names file, line and column
     */
    static Map<String, Object> read(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new ConfigException("%s has %d MiB, more than any configuration (%d MiB); is it the right file?"
                        .formatted(file, Files.size(file) >> 20, MAX_BYTES >> 20));
            }
            return parse(file.toString(), Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
        }
    }

    /** The map in the bytes of a file called {@code name}. */
    static Map<String, Object> parse(String name, byte[] utf8) {
        try {
            return parse(
                    name,
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(utf8))
                            .toString());
        } catch (CharacterCodingException e) {
            throw new ConfigException(name + " is not UTF-8; save it with that encoding");
        }
    }

    /** The map in a text, which messages call {@code name}. */
    @SuppressWarnings("unchecked")
    static Map<String, Object> parse(String name, String text) {
        if (text.startsWith("\ufeff")) {
            text = text.substring(1);
        }
        var value = new YamlReader(name).document(text);
        if (value == null) {
            throw new ConfigException(name + " is empty; expected the sections of a configuration, as \"run:\"");
        }
        if (value instanceof Map) {
            return (Map<String, Object>) value;
        }
        throw new ConfigException(
                "%s must hold a map of sections, as \"run:\", got %s".formatted(name, Tree.shown(value)));
    }

    /** The value of a text as it would stand in a flow, as {@code [a, b]} or {@code "a: b"}. */
    static @Nullable Object value(String name, String text) {
        return new YamlReader(name).document(text);
    }

    /**
     * The meaning of a text that stands alone, as {@code 1e-5} or {@code true}; never a list or map.
     *
     * @throws ConfigException if an interpolation in it cannot be read
     */
    static @Nullable Object scalar(String name, String text) {
        try {
            return Interpolation.of(SCALARS.value(text), name);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(name + ": " + e.getMessage());
        }
    }

    private @Nullable Object document(String text) {
        Object value;
        var tokens = new YamlTokens(text);
        try {
            var document = new Composer(new ParserImpl(tokens), SCALARS, unlimited()).getSingleNode();
            value = document == null ? null : value(document);
        } catch (MarkedYAMLException e) {
            String context = e.getContext() == null ? "" : " " + e.getContext();
            problems.add(at(
                    e.getProblemMark(),
                    "this is not YAML: %s%s; check indentation (spaces only), quotes and brackets"
                            .formatted(tokens.restored(e.getProblem()), context)));
            throw new ConfigException(problems);
        } catch (YAMLException e) {
            throw new ConfigException("%s is not YAML: %s".formatted(name, e.getMessage()));
        }
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return value;
    }

    /** No limits of SnakeYAML's own: {@link YamlTokens} and {@link #MAX_NODES} are what bounds a document. */
    private static LoaderOptions unlimited() {
        var options = new LoaderOptions();
        options.setNestingDepthLimit(Integer.MAX_VALUE);
        options.setMaxAliasesForCollections(Integer.MAX_VALUE);
        return options;
    }

    private @Nullable Object value(Node node) {
        if (!open.add(node)) {
            throw broken(node, "this contains itself by an alias; write out what is meant");
        }
        if (open.size() > YamlTokens.MAX_DEPTH) {
            throw broken(node, "aliases nest more than %d levels deep".formatted(YamlTokens.MAX_DEPTH));
        }
        if (++nodes > MAX_NODES) {
            throw broken(node, "more than %d values, those of aliases counted each time".formatted(MAX_NODES));
        }
        try {
            if (node instanceof MappingNode mapping) {
                return map(mapping);
            }
            if (node instanceof SequenceNode sequence) {
                requireTag(node, Tag.SEQ);
                var list = new ArrayList<@Nullable Object>();
                for (var element : sequence.getValue()) {
                    list.add(value(element));
                }
                return list;
            }
            return scalar((ScalarNode) node);
        } finally {
            open.remove(node);
        }
    }

    private @Nullable Object scalar(ScalarNode node) {
        try {
            return Interpolation.of(SCALARS.value(node.getTag(), node.getValue()), at(node.getStartMark()));
        } catch (IllegalArgumentException e) {
            problems.add(at(node, String.valueOf(e.getMessage())));
            return null;
        }
    }

    private Map<String, @Nullable Object> map(MappingNode node) {
        requireTag(node, Tag.MAP);
        var own = new LinkedHashMap<String, @Nullable Object>();
        var merged = new LinkedHashMap<String, @Nullable Object>();
        var lines = new HashMap<String, Integer>();
        for (var entry : node.getValue()) {
            if (!(entry.getKeyNode() instanceof ScalarNode key)) {
                problems.add(at(entry.getKeyNode(), "a key must be a text"));
                continue;
            }
            if (key.getTag().equals(Tag.MERGE)) {
                merge(entry.getValueNode(), merged);
                continue;
            }
            int line = key.getStartMark().getLine() + 1;
            var first = lines.putIfAbsent(key.getValue(), line);
            if (first != null) {
                problems.add(at(
                        key,
                        "the key \"%s\" is there twice, first in line %d; remove one"
                                .formatted(key.getValue(), first)));
                continue;
            }
            own.put(key.getValue(), value(entry.getValueNode()));
        }
        merged.keySet().removeAll(own.keySet());
        own.putAll(merged);
        return own;
    }

    /** A merge key's map or maps; of several the first that has a key gives it. */
    private void merge(Node node, Map<String, @Nullable Object> into) {
        var maps = node instanceof SequenceNode sequence ? sequence.getValue() : List.of(node);
        for (var element : maps) {
            if (element instanceof MappingNode && value(element) instanceof Map<?, ?> map) {
                map.forEach((key, value) -> into.putIfAbsent((String) key, value));
            } else {
                problems.add(at(element, "<< takes a map or a list of maps"));
            }
        }
    }

    private void requireTag(Node node, Tag tag) {
        if (!node.getTag().equals(tag)) {
            problems.add(at(node, "the tag %s is not allowed; remove it".formatted(node.getTag())));
        }
    }

    private ConfigException broken(Node node, String problem) {
        problems.add(at(node, problem));
        return new ConfigException(problems);
    }

    private String at(Node node, String problem) {
        return at(node.getStartMark(), problem);
    }

    private String at(@Nullable Mark mark, String problem) {
        return at(mark) + ": " + problem;
    }

    private String at(@Nullable Mark mark) {
        return mark == null ? name : "%s:%d:%d".formatted(name, mark.getLine() + 1, mark.getColumn() + 1);
    }
}
