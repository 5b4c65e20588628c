package io.lavis4j.cli;

import io.lavis4j.tensor.Trace;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --profile}. */
final class ProfileFile {

    @Option(
            names = "--profile",
            paramLabel = "FILE",
            description = {
                "Write where the time goes, by thread, part and layer: JSON that https://ui.perfetto.dev opens,",
                "compressed if the name ends with .gz."
            })
    private @Nullable Path file;

    /** Whether it is this file. */
    boolean is(Path other) {
        return file != null
                && file.toAbsolutePath()
                        .normalize()
                        .equals(other.toAbsolutePath().normalize());
    }

    /** The trace, to be closed by the caller; {@code null} if none is asked for. */
    @Nullable
    Trace open(Trace.Steps steps, Console console) {
        if (file == null) {
            return null;
        }
        var folder = file.toAbsolutePath().getParent();
        console.require(
                folder != null && Files.isDirectory(folder) && !Files.isDirectory(file),
                "--profile",
                file,
                "a file in a folder that is there");
        return Trace.open(file, steps);
    }
}
