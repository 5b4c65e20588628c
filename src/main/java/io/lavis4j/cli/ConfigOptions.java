package io.lavis4j.cli;

import io.lavis4j.config.Configuration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** {@code --options}, as LAVIS has them. */
final class ConfigOptions {

    @Option(
            names = "--options",
            arity = "1..*",
            paramLabel = "KEY=VALUE",
            description = "Settings over those of the file: data_root=DIR run.device=cpu model.freeze_vit=True.")
    private List<String> options = new ArrayList<>();

    /** Whether a setting is given here. */
    boolean has(String key) {
        return options.stream().anyMatch(option -> option.equals(key) || option.startsWith(key + "="));
    }

    /** Whether none is given. */
    boolean isEmpty() {
        return options.isEmpty();
    }

    /** All that are given. */
    List<String> given() {
        return List.copyOf(options);
    }

    Configuration load(String cfgPath) {
        return load(cfgPath, List.of());
    }

    /** The configuration with further settings over those given. */
    Configuration load(String cfgPath, List<String> further) {
        var all = new ArrayList<>(options);
        all.addAll(further);
        return Configuration.load(cfgPath, all, System::getenv);
    }
}
