package io.lavis4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BundledModelTest {

    private static final String NAME = "lavis4j/opt-small";

    @TempDir
    Path temp;

    private Path original;
    private Path cache;

    @BeforeEach
    void findTheOriginal() {
        original =
                new BundledModel(getClass().getClassLoader(), temp).find(NAME).orElseThrow();
        cache = temp.resolve("cache/lavis4j");
    }

    private List<Path> files() throws IOException {
        try (var files = Files.list(original)) {
            return files.filter(f -> !f.toString().endsWith(".md")).toList();
        }
    }

    /** A class path with nothing but a jar of the model. */
    private URLClassLoader jar() throws IOException {
        var jar = temp.resolve("some library.jar");
        if (!Files.exists(jar)) {
            try (var out = new ZipOutputStream(Files.newOutputStream(jar))) {
                for (var file : files()) {
                    out.putNextEntry(new ZipEntry("io/lavis4j/zoo/opt-small/" + file.getFileName()));
                    out.write(Files.readAllBytes(file));
                }
            }
        }
        return new URLClassLoader(new URL[] {jar.toUri().toURL()}, null);
    }

    private void assertWhole(Path folder) throws IOException {
        assertThat(folder).startsWith(cache);
        for (var file : files()) {
            assertThat(folder.resolve(file.getFileName())).hasSameBinaryContentAs(file);
        }
        try (var unpacked = Files.list(folder)) {
            assertThat(unpacked).hasSize(files().size()); // nothing temporary
        }
    }

    @Test
    void aFolderOnTheClassPathIsUsedWhereItIs() {
        assertThat(original).isDirectoryContaining("glob:**/model.safetensors");
        assertThat(temp).isEmptyDirectory();
        assertThat(WeightFiles.in(List.of()).model(NAME)).isEqualTo(original);
    }

    @Test
    void filesInAJarAreUnpackedOnce() throws IOException {
        try (var jar = jar()) {
            var folder = new BundledModel(jar, cache).find(NAME).orElseThrow();
            assertWhole(folder);
            var written = Files.getLastModifiedTime(folder.resolve("model.safetensors"));
            assertThat(new BundledModel(jar, cache).find(NAME)).contains(folder);
            assertThat(Files.getLastModifiedTime(folder.resolve("model.safetensors")))
                    .isEqualTo(written);
        }
    }

    @Test
    void whatIsDamagedInTheCacheIsReplaced() throws IOException {
        try (var jar = jar()) {
            var folder = new BundledModel(jar, cache).find(NAME).orElseThrow();
            Files.writeString(folder.resolve("vocab.json"), "{}");
            byte[] weights = Files.readAllBytes(folder.resolve("model.safetensors"));
            weights[weights.length / 2] ^= 1;
            Files.write(folder.resolve("model.safetensors"), weights);
            Files.delete(folder.resolve("config.json"));
            assertWhole(new BundledModel(jar, cache).find(NAME).orElseThrow());
        }
    }

    @Test
    void severalMayUnpackAtTheSameTime() throws IOException {
        try (var jar = jar()) {
            var all = IntStream.range(0, 8)
                    .mapToObj(i -> CompletableFuture.supplyAsync(
                            () -> new BundledModel(jar, cache).find(NAME).orElseThrow()))
                    .toList();
            assertThat(all.stream().map(CompletableFuture::join).distinct()).hasSize(1);
            assertWhole(all.get(0).join());
        }
    }

    @Test
    void aCacheThatCannotBeWrittenIsNamed() throws IOException {
        Files.createDirectories(cache.resolveSibling("."));
        Files.writeString(cache, "a file where the cache should be");
        try (var jar = jar()) {
            var model = new BundledModel(jar, cache);
            assertThatExceptionOfType(UncheckedIOException.class)
                    .isThrownBy(() -> model.find(NAME))
                    .withMessageContaining("cannot be unpacked to " + cache.resolve("opt-small"))
                    .withMessageContaining("XDG_CACHE_HOME");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"opt-small", "t5-small", "vicuna-small", "qformer-small"})
    void eachIsWholeAndSmall(String name) throws IOException {
        var folder = new BundledModel(getClass().getClassLoader(), temp)
                .find("lavis4j/" + name)
                .orElseThrow();
        long bytes = 0;
        try (var files = Files.list(folder)) {
            for (var file : files.toList()) {
                bytes += Files.size(file);
            }
        }
        assertThat(bytes).isBetween(1_000L, 1_000_000L);
        assertThat(folder.resolve("README.md")).exists();
    }

    @Test
    void noOtherNameIsBundled() {
        assertThat(new BundledModel(getClass().getClassLoader(), cache).find("facebook/opt-125m"))
                .isEmpty();
    }

    @Test
    void aModelOfTheSameNameInAGivenDirectoryComesFirst() throws IOException {
        var own = Files.createDirectories(temp.resolve("given/opt-small"));
        Files.writeString(own.resolve("model.safetensors"), "");
        assertThat(WeightFiles.in(List.of(temp.resolve("given"))).model(NAME)).isEqualTo(own);
    }
}
