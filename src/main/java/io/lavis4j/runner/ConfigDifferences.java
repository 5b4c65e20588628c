package io.lavis4j.runner;

import io.lavis4j.config.ConfigException;
import io.lavis4j.optim.LrSchedule;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The settings in which a run's checkpoint and its configuration differ.
 *
 * @param saved settings of the checkpoint by their dotted paths
 * @param now those of the configuration
 */
record ConfigDifferences(Map<String, Object> saved, Map<String, Object> now) {

    private static final String START = "run.resume_ckpt_path";

    /** What changes no number: where, how fast, how often saved, and who talks to whom. */
    private static final Set<String> FREE = Set.of(
            "run.output_dir",
            "run.num_workers",
            "run.save_freq",
            "run.save_last",
            "run.save_steps",
            "run.save_minutes",
            "run.keep_checkpoints",
            "run.tensorboard",
            "run.optimizer_in_backward",
            "run.cache_vision_features",
            "run.cache_vision_dir",
            START,
            "run.distributed",
            "run.dist_url",
            "run.dist_backend",
            "run.dist_join_seconds",
            "run.dist_silence_seconds",
            "run.dist_timeout_seconds",
            "run.rank",
            "run.gpu",
            "run.shard_optimizer",
            "run.use_dist_eval_sampler");

    /** How long the run is, which changes nothing of what was done unless the learning rates depend on it. */
    private static final Set<String> LENGTH = Set.of("run.max_epoch", "run.max_iters", "run.max_steps");

    private static final String DEVICE = "run.device";

    /** At which rates are compared: LAVIS's schedules are constant inside an epoch, others may not be. */
    private static final long[] STEPS = {0, 1, 10, 100, 1000};

    /** What says which batch comes when; sections end with a dot. */
    private static final List<String> DATA = List.of(
            "data_root",
            "datasets.",
            "run.seed",
            "run.batch_size_train",
            "run.accum_grad_iters",
            "run.train_splits",
            "run.train_dataset_ratios.",
            "run.on_broken_train",
            "run.runner",
            "run.iters_per_inner_epoch",
            "run.world_size");

    /** Between two trees of settings. */
    static ConfigDifferences between(Map<String, Object> saved, Map<String, Object> now) {
        return new ConfigDifferences(flat("", saved), flat("", now));
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

    /** The differences in what says which batch comes when. */
    List<String> inData() {
        return where(
                path -> DATA.stream().anyMatch(key -> key.endsWith(".") ? path.startsWith(key) : path.equals(key)));
    }

    /**
     * The differences that change a number of the run.
     *
     * @param schedule of the configuration
     */
    List<String> inNumbers(LrSchedule schedule) {
        boolean sameRates = sameRates(schedule);
        return where(path -> !FREE.contains(path)
                && !(LENGTH.contains(path) && sameRates)
                && !(path.equals(DEVICE) && isSameKind()));
    }

    /** Whether both have the same {@code max_epoch}, {@code max_iters} and {@code max_steps}. */
    boolean sameLength() {
        return where(LENGTH::contains).isEmpty();
    }

    /** Whether the configuration names no checkpoint to begin from, or that which the run began from. */
    boolean mayBeFromItsStart() {
        return now.get(START) == null || same(saved.get(START), now.get(START));
    }

    /** Whether both devices may be of one kind; a checkpoint's random numbers tell where it is not said. */
    private boolean isSameKind() {
        String before = kind(saved.get(DEVICE)), after = kind(now.get(DEVICE));
        return before.equals(after) || before.equals("auto") || after.equals("auto");
    }

    private static String kind(@Nullable Object device) {
        return String.valueOf(device).replaceFirst(":\\d+$", "");
    }

    /** Whether the epochs that both have are trained at the same rates. */
    private boolean sameRates(LrSchedule schedule) {
        int before = epochs();
        var then = new LrSchedule(
                schedule.type(),
                before,
                schedule.initLr(),
                schedule.minLr(),
                schedule.warmupLr(),
                schedule.warmupSteps(),
                schedule.decayRate());
        for (int epoch = 0; epoch < Math.min(before, schedule.maxEpoch()); epoch++) {
            for (long step : STEPS) {
                if (then.lr(epoch, step) != schedule.lr(epoch, step)) {
                    return false;
                }
            }
        }
        return true;
    }

    private int epochs() {
        int maxEpoch = whole("run.max_epoch"), maxIters = whole("run.max_iters");
        return maxIters > 0
                ? Math.max(1, maxIters / Math.max(1, whole("run.iters_per_inner_epoch")))
                : Math.max(1, maxEpoch);
    }

    private int whole(String path) {
        return saved.get(path) instanceof Number number ? number.intValue() : 0;
    }

    private List<String> where(Predicate<String> paths) {
        var all = new LinkedHashSet<>(saved.keySet());
        all.addAll(now.keySet());
        var differences = new ArrayList<String>();
        for (String path : all) {
            if (paths.test(path) && !same(saved.get(path), now.get(path))) {
                differences.add("%s was %s and is %s".formatted(path, saved.get(path), now.get(path)));
            }
        }
        return differences;
    }

    /** Numbers by their value, lists by their elements. */
    private static boolean same(@Nullable Object one, @Nullable Object other) {
        if (one instanceof Number && other instanceof Number) {
            return new BigDecimal(one.toString()).compareTo(new BigDecimal(other.toString())) == 0;
        }
        if (one instanceof List<?> left && other instanceof List<?> right) {
            if (left.size() != right.size()) {
                return false;
            }
            for (int i = 0; i < left.size(); i++) {
                if (!same(left.get(i), right.get(i))) {
                    return false;
                }
            }
            return true;
        }
        return one == null ? other == null : one.equals(other);
    }

    /** @throws ConfigException with {@code differences}, unless there are none */
    static void require(String run, List<String> differences, String advice) {
        if (!differences.isEmpty()) {
            throw new ConfigException(differences.stream()
                    .map(difference -> "%s cannot go on so: %s; %s".formatted(run, difference, advice))
                    .toList());
        }
    }
}
