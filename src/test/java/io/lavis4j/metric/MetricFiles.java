package io.lavis4j.metric;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.io.JsonFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;

/**
 * Finds reference scores under the system property {@code metrics.root}: {@code kind.json}, which must be there, and
 * further files {@code kind@suffix.json}.
 */
public final class MetricFiles {

    private MetricFiles() {}

    /** The folder that holds all files; by default the copy in the test resources. */
    public static Path root() {
        return Path.of(System.getProperty("metrics.root", "src/test/resources/metrics"));
    }

    /**
     * All files of one kind, the plain one first.
     *
     * @throws AssertionError if there is none: a parity test never passes for lack of a reference
     */
    public static List<Path> of(String kind) {
        return in(root(), kind);
    }

    /** All files of one kind inside {@code folder}, the plain one first. */
    static List<Path> in(Path folder, String kind) {
        if (!Files.isDirectory(folder)) {
            throw new AssertionError("metrics.root: no folder " + folder.toAbsolutePath());
        }
        try (var entries = Files.list(folder)) {
            var files = new ArrayList<>(
                    entries.filter(p -> p.getFileName().toString().matches(kind + "(@.*)?\\.json"))
                            .sorted()
                            .toList());
            var plain = folder.resolve(kind + ".json");
            if (files.remove(plain)) {
                files.add(0, plain);
            }
            if (files.isEmpty()) {
                throw new AssertionError("no file " + plain.toAbsolutePath() + " and none " + kind + "@*.json");
            }
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException(folder.toString(), e);
        }
    }

    public static JsonNode json(Path file) {
        return JsonFile.of(file, "reference scores").tree();
    }

    /** The items of a corpus as they are, not tokenised. */
    public static List<CaptionItem> items(JsonNode corpus) {
        return items(corpus, "hypothesis", "references");
    }

    /** The items of a corpus with the texts under two keys. */
    static List<CaptionItem> items(JsonNode corpus, String hypothesis, String references) {
        return StreamSupport.stream(corpus.get("items").spliterator(), false)
                .map(item -> new CaptionItem(
                        item.get("id").asText(), item.get(hypothesis).textValue(), texts(item.get(references))))
                .toList();
    }

    /** The texts of a list. */
    public static List<String> texts(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::textValue)
                .toList();
    }
}
