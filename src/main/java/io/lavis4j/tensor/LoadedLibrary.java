package io.lavis4j.tensor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Libraries of this process, by what the system says of its memory. */
public final class LoadedLibrary {

    private static final Path MAPS = Path.of("/proc/self/maps");
    private static final int FIELDS_BEFORE_PATH = 5;

    private LoadedLibrary() {}

    /**
     * The file of libtorch, which is loaded; empty on systems that do not say.
     *
     * @throws IllegalStateException if it cannot be loaded
     */
    public static Optional<Path> libtorch() {
        Libtorch.load();
        return file("libtorch_cpu.so");
    }

    /** The file of a library, with links followed; empty if it is not loaded, or on systems other than Linux. */
    static Optional<Path> file(String name) {
        try (var lines = Files.lines(MAPS, StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.endsWith("/" + name))
                    .map(line -> line.split(" +", FIELDS_BEFORE_PATH + 1)[FIELDS_BEFORE_PATH])
                    .map(path -> new String(path.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8))
                    .map(Path::of)
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
