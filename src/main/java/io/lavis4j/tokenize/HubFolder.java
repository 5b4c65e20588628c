package io.lavis4j.tokenize;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.io.JsonFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** A folder with the files of a checkpoint on the hub. */
record HubFolder(Path path) {

    HubFolder {
        if (!Files.isDirectory(path)) {
            throw new UncheckedIOException(
                    "no tokenizer folder %s; give the folder with the checkpoint's tokenizer files".formatted(path),
                    new NoSuchFileException(path.toString()));
        }
    }

    boolean has(String name) {
        return Files.isRegularFile(path.resolve(name));
    }

    /** @throws UncheckedIOException unless there is {@code tokenizer.json} or all of {@code otherwise} */
    void requireTokenizer(List<String> otherwise) {
        if (has("tokenizer.json") || otherwise.stream().allMatch(this::has)) {
            return;
        }
        try (var entries = Files.list(path)) {
            var found = entries.map(p -> p.getFileName().toString()).sorted().toList();
            throw new UncheckedIOException(
                    "no tokenizer in %s: expected tokenizer.json, or else %s, found %s; copy them from the checkpoint"
                            .formatted(path, String.join(" and ", otherwise), found),
                    new FileNotFoundException(path.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(path.toString(), e);
        }
    }

    /** The JSON object in the file {@code name}. */
    ObjectNode object(String name) {
        return JsonFile.of(path.resolve(name), "a JSON object, as the checkpoint on the hub has it")
                .object();
    }

    /** The JSON object in the file {@code name}, empty if there is no such file. */
    ObjectNode objectIfPresent(String name) {
        return has(name) ? object(name) : JsonNodeFactory.instance.objectNode();
    }

    List<String> lines(String name) {
        Path file = path.resolve(name);
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": expected lines of UTF-8 text", e);
        }
    }
}
