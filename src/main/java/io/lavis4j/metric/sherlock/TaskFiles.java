package io.lavis4j.metric.sherlock;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The leaderboard's files, found by their published names: {@code test_comparison_instances.json},
 * {@code val_retrieval_3_answer_key.json}, ...
 */
public enum TaskFiles {
    /** The instances to be scored. */
    INSTANCES("instances"),
    /** The right answers. */
    ANSWER_KEY("answer_key"),
    /** The test ids of the instances that were scored. */
    INSTANCE_IDS("instance_ids");

    private final String ending;
    private final Pattern pattern;

    TaskFiles(String ending) {
        this.ending = ending;
        pattern = Pattern.compile("(?:.*_)?(comparison|localization|retrieval_\\d+)_" + ending + "\\.json");
    }

    /**
     * Finds files of this kind.
     *
     * @param paths files, or folders that are searched to any depth
     * @return by name, {@code comparison}, {@code localization}, {@code retrieval_0} and so on, in this order
     * @throws IllegalArgumentException if a file has another name, or two have the same
     */
    public Map<String, Path> find(Collection<Path> paths) {
        var found = new LinkedHashMap<String, Path>();
        for (var path : paths) {
            boolean folder = Files.isDirectory(path);
            for (var file : folder ? filesIn(path) : List.of(path)) {
                var name = pattern.matcher(String.valueOf(file.getFileName()));
                if (name.matches()) {
                    SubmissionLayout.requireName(name.group(1));
                    var other = found.put(name.group(1), file);
                    if (other != null && !other.equals(file)) {
                        throw new IllegalArgumentException(
                                "%s and %s are both %s; give one of them".formatted(other, file, name.group(1)));
                    }
                } else if (!folder) {
                    throw new IllegalArgumentException(
                            "%s: expected a name like comparison_%2$s.json, localization_%2$s.json or retrieval_0_%2$s.json"
                                    .formatted(file, ending));
                }
            }
        }
        var sorted = new LinkedHashMap<String, Path>();
        SubmissionLayout.testSet().lengths().keySet().stream()
                .filter(found::containsKey)
                .forEach(name -> sorted.put(name, Objects.requireNonNull(found.get(name))));
        return Collections.unmodifiableMap(sorted);
    }

    private static List<Path> filesIn(Path folder) {
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be read (%s)".formatted(folder, e), e);
        }
    }
}
