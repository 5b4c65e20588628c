package io.lavis4j.reproduce;

import io.lavis4j.config.Configuration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One published result: a model's scores on a data set.
 *
 * @param name unique
 * @param what the data set, its split, and the model
 * @param config name of the shipped configuration that evaluates it; {@code null} if this library cannot
 * @param reason why it cannot; {@code null} if it can
 * @param settings {@code key=value}, over those of the configuration
 * @param note what else is known about the numbers; {@code null} for nothing
 * @param scores those that decide first
 * @param computed the version, machine and scores of a run of this library; {@code null} as long as there is none
 */
public record PublishedResult(
        String name,
        String what,
        @Nullable String config,
        @Nullable String reason,
        List<String> settings,
        @Nullable String note,
        List<PublishedScore> scores,
        @Nullable String computed) {

    public PublishedResult {
        settings = List.copyOf(settings);
        scores = List.copyOf(scores);
        if ((config == null) == (reason == null)) {
            throw new IllegalArgumentException(
                    "%s: expected a configuration or the reason why there is none, got %s and %s"
                            .formatted(name, config, reason));
        }
    }

    /** How far the numbers are known to be this library's. */
    public String status() {
        return computed == null ? "published; not yet computed with lavis4j" : "published; computed: " + computed;
    }

    /**
     * The configuration that evaluates it.
     *
     * @throws IllegalArgumentException if there is none
     */
    public String runnable() {
        if (config == null) {
            throw new IllegalArgumentException("%s cannot be run: %s".formatted(name, reason));
        }
        return config;
    }

    /** The configuration with the settings of the result, and nothing from the environment. */
    Configuration configuration() {
        return Configuration.load(runnable(), settings, variable -> null);
    }

    /**
     * The command that evaluates it.
     *
     * @param options before the settings: {@code data_root=DIR}
     */
    public String command(List<String> options) {
        return Stream.concat(
                        Stream.of("lavis4j", "evaluate", "--cfg-path", runnable(), "--options"),
                        Stream.concat(options.stream(), settings.stream()).map(PublishedResult::quoted))
                .collect(Collectors.joining(" "));
    }

    /** The command that fetches its model's weights. */
    public String download() {
        var model = configuration().root().section("model");
        return "lavis4j download model %s %s".formatted(model.string("arch"), model.string("model_type"));
    }

    /** An argument for a shell. */
    private static String quoted(String argument) {
        return argument.matches("[\\w@%+=:,./-]+") ? argument : "'%s'".formatted(argument.replace("'", "'\\''"));
    }
}
