package io.lavis4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cache of CMake's is dropped where it cannot be configured again, and only there. */
class NativeCacheTest {

    @TempDir
    private Path folder = Path.of("");

    private Path source = Path.of("");
    private Path build = Path.of("");

    @BeforeEach
    void folders() throws IOException {
        source = Files.createDirectories(folder.resolve("a checkout/native"));
        build = Files.createDirectories(folder.resolve("a checkout/target/native"));
        Files.createDirectories(build.resolve("CMakeFiles"));
    }

    private boolean survives(Path home, Path cached, Path compiler) throws IOException, InterruptedException {
        var cache = build.resolve("CMakeCache.txt");
        Files.writeString(cache, """
                CMAKE_CACHEFILE_DIR:INTERNAL=%s
                CMAKE_CXX_COMPILER:FILEPATH=%s
                CMAKE_GENERATOR:INTERNAL=Unix Makefiles
                CMAKE_HOME_DIRECTORY:INTERNAL=%s
                """.formatted(cached, compiler, home));
        var builder = new ProcessBuilder(
                        System.getProperty("cmake.executable", "cmake"),
                        "-DSOURCE_DIR=" + source,
                        "-DBUILD_DIR=" + build,
                        "-P",
                        "cmake/DropStaleCache.cmake")
                .redirectErrorStream(true);
        builder.environment().remove("CMAKE_GENERATOR");
        var process = builder.start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(Files.exists(build.resolve("CMakeFiles"))).isEqualTo(Files.exists(cache));
        return Files.exists(cache);
    }

    private Path compiler() throws IOException {
        return Files.write(folder.resolve("c++"), new byte[0]);
    }

    @Test
    void theCacheOfThisCheckoutStays() throws IOException, InterruptedException {
        assertThat(survives(source, build, compiler())).isTrue();
    }

    @Test
    void theCacheOfAnotherCheckoutIsDropped() throws IOException, InterruptedException {
        assertThat(survives(folder.resolve("moved/native"), folder.resolve("moved/target/native"), compiler()))
                .isFalse();
    }

    @Test
    void aCacheWithoutItsCompilerIsDropped() throws IOException, InterruptedException {
        assertThat(survives(source, build, folder.resolve("no compiler"))).isFalse();
    }
}
