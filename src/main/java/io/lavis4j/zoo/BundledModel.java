package io.lavis4j.zoo;

import io.lavis4j.io.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Language models and vocabularies that come with this library, on the class path: {@code lavis4j/NAME}. */
final class BundledModel {

    private static final String OWNER = "lavis4j/";
    private static final String FOLDER = "io/lavis4j/zoo/";
    private static final List<String> SENTENCE_PIECE =
            List.of("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json");
    private static final Map<String, List<String>> FILES = Map.of(
            "opt-small",
            List.of(
                    "config.json",
                    "model.safetensors",
                    "vocab.json",
                    "merges.txt",
                    "tokenizer_config.json",
                    "special_tokens_map.json"),
            "t5-small",
            SENTENCE_PIECE,
            "vicuna-small",
            SENTENCE_PIECE,
            "qformer-small",
            List.of("vocab.txt", "tokenizer_config.json"));

    private final ClassLoader loader;
    private final Path cache;

    /** @param cache where files out of a jar go */
    BundledModel(ClassLoader loader, Path cache) {
        this.loader = loader;
        this.cache = cache;
    }

    /**
     * The folder of a model; empty for a name that is none. A folder on the class path is used where it is, files in a
     * jar are copied to the cache first. What lies there already is compared byte by byte, and each file is put in
     * place in one step, so that processes may do this at the same time.
     *
     * @throws UncheckedIOException if it cannot be copied
     */
    Optional<Path> find(String name) {
        String model = name.startsWith(OWNER) ? name.substring(OWNER.length()) : "";
        var files = FILES.get(model);
        if (files == null) {
            return Optional.empty();
        }
        var inPlace = inPlace(model, files.get(0));
        return Optional.of(inPlace == null ? unpacked(model, files) : inPlace);
    }

    private static String path(String model, String file) {
        return FOLDER + model + "/" + file;
    }

    private @Nullable Path inPlace(String model, String file) {
        var url = url(model, file);
        try {
            return url.getProtocol().equals("file") ? Path.of(url.toURI()).getParent() : null;
        } catch (URISyntaxException e) {
            throw new IllegalStateException(url + " is not a place of a file", e);
        }
    }

    private URL url(String model, String file) {
        var url = loader.getResource(path(model, file));
        if (url == null) {
            throw new IllegalStateException("%s%s lacks its file %s; the jar is not as it was built"
                    .formatted(OWNER, model, path(model, file)));
        }
        return url;
    }

    private Path unpacked(String model, List<String> files) {
        var folder = cache.resolve(model);
        try {
            Files.createDirectories(folder);
            for (String file : files) {
                try (var in = url(model, file).openStream()) {
                    put(folder.resolve(file), in.readAllBytes());
                }
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "%s cannot be unpacked to %s: %s; XDG_CACHE_HOME names a directory for it that can be written"
                            .formatted(OWNER + model, folder, e),
                    e);
        }
    }

    private static void put(Path target, byte[] content) throws IOException {
        if (Files.isRegularFile(target) && Arrays.equals(Files.readAllBytes(target), content)) {
            return;
        }
        AtomicFile.replace(target, out -> AtomicFile.writeFully(out, ByteBuffer.wrap(content)));
    }
}
