package io.lavis4j.cli;

import io.lavis4j.config.Configuration;
import io.lavis4j.runner.RunDirectory;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The model that is meant: that of a run, or that of a configuration. */
final class WeightsOptions {

    private static final String RESUMED = "run.resume_ckpt_path";

    /** One of the two must be given. */
    static final class Source {

        @Option(
                names = "--run",
                required = true,
                paramLabel = "DIR",
                description = "The directory of a run (with log.txt), or its parent, and then the newest run in it.")
        private @Nullable Path run;

        @Option(
                names = "--cfg-path",
                required = true,
                paramLabel = "FILE",
                description = "A configuration; its model has the weights that the file names.")
        private @Nullable String cfgPath;
    }

    @ArgGroup(multiplicity = "1")
    private Source source = new Source();

    @Option(
            names = "--checkpoint",
            paramLabel = "FILE",
            description = "Weights to take instead: by default a run's best checkpoint, or its last.")
    private @Nullable Path checkpoint;

    @Mixin
    private final ConfigOptions options = new ConfigOptions();

    /** The run, if one was named. */
    @Nullable
    RunDirectory run() {
        return source.run == null ? null : RunDirectory.open(source.run);
    }

    Configuration configuration(@Nullable RunDirectory run) {
        return configuration(run, List.of());
    }

    /** The configuration with further settings over those given. */
    Configuration configuration(@Nullable RunDirectory run, List<String> further) {
        return options.load(
                run == null ? String.valueOf(source.cfgPath) : run.config().toString(), further);
    }

    /** The checkpoint over the configured weights, which is there; {@code null} for none. */
    @Nullable
    Path weights(@Nullable RunDirectory run, Console console) {
        console.requireThere("--checkpoint", checkpoint);
        if ((run != null || checkpoint != null) && options.has(RESUMED)) {
            throw console.wrong("%s: a run or checkpoint that is named has its own weights; expected --checkpoint FILE"
                    .formatted(RESUMED));
        }
        if (checkpoint != null) {
            return checkpoint;
        }
        return run == null ? null : run.weights();
    }
}
