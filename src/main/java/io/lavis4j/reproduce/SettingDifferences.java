package io.lavis4j.reproduce;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What keeps the scores of two configurations from being compared: other models, data, searches. */
final class SettingDifferences {

    /** Settings that change no score: where things lie, and how the work is done and shared. */
    private static final Set<String> FREE = Set.of(
            "data_root",
            "run.batch_size_eval",
            "run.batch_size_train",
            "run.deterministic",
            "run.device",
            "run.dist_backend",
            "run.dist_join_seconds",
            "run.dist_silence_seconds",
            "run.dist_timeout_seconds",
            "run.dist_url",
            "run.distributed",
            "run.gpu",
            "run.log_freq",
            "run.num_workers",
            "run.output_dir",
            "run.rank",
            "run.seed",
            "run.tensorboard",
            "run.use_dist_eval_sampler",
            "run.world_size");

    private static final Pattern IMAGE_FOLDER = Pattern.compile("datasets\\.[^.]+\\.build_info\\.images\\..*");

    private SettingDifferences() {}

    /**
     * The differences, one a text.
     *
     * @param expected the published configuration's tree
     * @param found the run's
     */
    static List<String> between(Map<String, Object> expected, Map<String, Object> found) {
        var published = flat("", expected);
        var run = flat("", found);
        var keys = new TreeSet<>(published.keySet());
        keys.addAll(run.keySet());
        var differences = new ArrayList<String>();
        for (String key : keys) {
            boolean free = FREE.contains(key) || IMAGE_FOLDER.matcher(key).matches();
            var ours = run.get(key);
            var theirs = published.get(key);
            if (!free && !same(ours, theirs)) {
                differences.add("%s is %s, expected %s".formatted(key, shown(ours), shown(theirs)));
            }
        }
        return differences;
    }

    private static String shown(@Nullable Object value) {
        return value == null ? "not set" : value.toString();
    }

    private static Map<String, Object> flat(String prefix, Map<?, ?> tree) {
        var flat = new TreeMap<String, Object>();
        tree.forEach((key, value) -> {
            if (value instanceof Map<?, ?> section) {
                flat.putAll(flat(prefix + key + ".", section));
            } else if (value != null) {
                flat.put(prefix + key, value);
            }
        });
        return flat;
    }

    /** Numbers by value, lists by elements; a file is the same wherever it lies. */
    private static boolean same(@Nullable Object one, @Nullable Object other) {
        if (one instanceof Number && other instanceof Number) {
            return new BigDecimal(one.toString()).compareTo(new BigDecimal(other.toString())) == 0;
        }
        if (one instanceof List<?> left && other instanceof List<?> right) {
            boolean same = left.size() == right.size();
            for (int i = 0; same && i < left.size(); i++) {
                same = same(left.get(i), right.get(i));
            }
            return same;
        }
        if (one instanceof String left && other instanceof String right) {
            return fileName(left).equals(fileName(right));
        }
        return one == null ? other == null : one.equals(other);
    }

    private static String fileName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
