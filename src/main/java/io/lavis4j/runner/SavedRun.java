package io.lavis4j.runner;

import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.dataset.Share;
import io.lavis4j.distributed.Processes;
import io.lavis4j.runner.LossMeter.Halves;
import io.lavis4j.runner.RunPlan.Position;
import io.lavis4j.runner.RunPlan.Unit;
import io.lavis4j.runner.RunState.Best;
import io.lavis4j.runner.TrainLoop.Figures;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run's checkpoint without its tensors.
 *
 * @param unit of {@code number}
 * @param number LAVIS's {@code epoch}, the last whole one, or {@code iters}, those that are done
 * @param config of the run
 * @param ours under {@value #OURS}, the rest of the state; {@code null} if it has none, as LAVIS's
 */
record SavedRun(
        Path file,
        Unit unit,
        long number,
        Map<String, Object> config,
        @Nullable Map<String, Object> ours) {

    private static final Logger LOG = LoggerFactory.getLogger(SavedRun.class);

    /** Our key. */
    static final String OURS = "lavis4j";

    /** What each process has of its own, in the order of ranks, under {@link #OURS}. */
    static final String PROCESSES = "processes";

    private static final String LOSSES = "losses";
    private static final String TOTAL = "loss";
    private static final String UNREAD = "unread_updates";
    private static final int NUMBERS = 4; // of a sum of losses

    /** Iterations that are done. */
    private static final String ITERATIONS = "iterations";

    /** The states of a process's random generators. */
    static final String RANDOM = "random";

    /** Its counts of broken samples. */
    static final String BROKEN = "broken_samples";

    /**
     * Reads it.
     *
     * @throws io.lavis4j.checkpoint.CheckpointException if there is no checkpoint, or it is damaged
     * @throws IllegalArgumentException if it is not of a run
     */
    static SavedRun of(Path file) {
        try (var scope = new PointerScope()) {
            Map<?, ?> tree = Checkpoints.get(Checkpoints.read(file), Map.class);
            for (String key : List.of("model", "optimizer")) {
                require(file, tree, tree.get(key) != null);
            }
            require(file, tree, tree.get("epoch") != null || tree.get("iters") != null);
            var unit = tree.get("epoch") == null ? Unit.ITERS : Unit.EPOCH;
            var ours = ours(tree);
            var config = tree.get("config") instanceof Map<?, ?> map ? plain(map) : Map.<String, Object>of();
            return new SavedRun(
                    file,
                    unit,
                    Checkpoints.get(tree, Long.class, unit.key()),
                    config,
                    ours == null ? null : plain(ours));
        }
    }

    /**
     * The rest of the state in a checkpoint's tree; {@code null} if LAVIS wrote it, or this library before it had this.
     */
    static @Nullable Map<?, ?> ours(Map<?, ?> tree) {
        return tree.get(OURS) instanceof Map<?, ?> map && map.containsKey(ITERATIONS) ? map : null;
    }

    /** The same of a file that may be damaged or something else, which is said in the log. */
    static Optional<SavedRun> ifReadable(Path file) {
        try {
            return Optional.of(of(file));
        } catch (UncheckedIOException | IllegalArgumentException e) {
            LOG.warn("{} is passed over: {}", file, e.getMessage());
            return Optional.empty();
        }
    }

    private static void require(Path file, Map<?, ?> tree, boolean holds) {
        if (!holds) {
            throw new IllegalArgumentException(
                    "%s: expected the checkpoint of a run with model, optimizer and epoch, got %s; to start from its"
                                    .formatted(file, tree.keySet())
                            + " weights set model.pretrained instead of run.resume_ckpt_path");
        }
    }

    /** The entries by text, without tensors. */
    private static Map<String, Object> plain(Map<?, ?> map) {
        var plain = new LinkedHashMap<String, Object>();
        map.forEach((key, value) -> {
            if (PROCESSES.equals(key) && value instanceof List<?> processes) {
                plain.put(
                        PROCESSES,
                        processes.stream().map(own -> plain((Map<?, ?>) own)).toList());
            } else if (!RANDOM.equals(key) && !BROKEN.equals(key)) {
                plain.put(String.valueOf(key), value);
            }
        });
        return plain;
    }

    /**
     * What each process has of its own; called in all of them.
     *
     * @param random states of the generators
     * @param broken counts of broken samples
     */
    static List<Object> ofProcesses(
            Processes processes, LossMeter.Sums losses, List<Tensor> random, List<byte[]> broken) {
        var sums = new LinkedHashMap<String, Halves>();
        sums.put(TOTAL, losses.total());
        sums.putAll(losses.parts());
        var numbers = ByteBuffer.allocate(NUMBERS * Double.BYTES * sums.size());
        sums.values().forEach(halves -> list(halves).forEach(numbers::putDouble));
        var ofAll = processes.gather(numbers.array());
        List<List<Tensor>> states = random.stream().map(processes::gather).toList();
        List<List<byte[]>> counts = broken.stream().map(processes::gather).toList();
        var all = new ArrayList<Object>();
        for (int rank = 0; rank < processes.world(); rank++) {
            int own = rank;
            var values = ByteBuffer.wrap(ofAll.get(own));
            var lists = new LinkedHashMap<String, Object>();
            for (String name : sums.keySet()) {
                lists.put(
                        name, Stream.generate(values::getDouble).limit(NUMBERS).toList());
            }
            var tree = new LinkedHashMap<String, Object>();
            tree.put(LOSSES, lists);
            tree.put(
                    RANDOM,
                    states.stream().map(state -> (Object) state.get(own)).toList());
            tree.put(
                    BROKEN,
                    counts.stream().map(count -> (Object) count.get(own)).toList());
            all.add(tree);
        }
        return all;
    }

    /** What a checkpoint has of a state under {@link #OURS}, beside {@link #ofProcesses}. */
    static Map<String, @Nullable Object> tree(RunState state, RunPlan plan, Map<String, Long> logs) {
        var losses = state.figures().losses();
        var ours = new LinkedHashMap<String, @Nullable Object>();
        ours.put("segment", state.at().segment());
        ours.put("batch", state.at().batch());
        ours.put(ITERATIONS, plan.iterations(state.at()));
        ours.put("updates", plan.updates(state.at()));
        ours.put("batches_per_epoch", plan.batchesPerEpoch());
        ours.put("rates", state.figures().rates());
        ours.put("loss_steps", losses.steps());
        ours.put("loss_window_steps", losses.windowSteps());
        var unread = state.figures().unread();
        ours.put(UNREAD, List.of(unread.gradNorm(), unread.skipped(), unread.leftOut(), unread.inARow()));
        ours.put("best_score", state.best().score());
        ours.put("best_number", state.best().number());
        ours.put("validations_since_best", state.best().since());
        ours.put("logs", new LinkedHashMap<>(logs));
        ours.put("versions", Versions.now());
        return ours;
    }

    private static List<Double> list(Halves halves) {
        return List.of(
                halves.read().sum(),
                halves.read().count(),
                halves.window().sum(),
                halves.window().count());
    }

    /**
     * The state in it; one of LAVIS's has the beginning of the segment that comes next, and so has one of another
     * number of processes, which goes on after a whole epoch alone.
     *
     * @param processes of which this one goes on
     * @throws IllegalArgumentException if it is of another runner or of other data than the plan
     */
    RunState state(RunPlan plan, Share processes) {
        if (unit != plan.unit()) {
            throw new IllegalArgumentException("%s has %s, so it is of %s, and run.runner is %s"
                    .formatted(file, unit.key(), unit.runner(), plan.unit().runner()));
        }
        if (ours == null) {
            return new RunState(plan.after(number), Figures.NONE, Best.NONE);
        }
        List<?> own = Checkpoints.get(ours, List.class, PROCESSES);
        int segment = Math.toIntExact(whole("segment"));
        if (own.size() != processes.world()) {
            requireWholeEpoch(own.size(), processes.world(), segment);
            return new RunState(new Position(segment, plan.batches(segment)), figures(own, 0), best());
        }
        long batches = whole("batches_per_epoch");
        if (batches != plan.batchesPerEpoch()) {
            throw new IllegalArgumentException(
                    "%s was written when an epoch of the data had %d batches, and now it has %d; go on with the data and the batch size of then"
                            .formatted(file, batches, plan.batchesPerEpoch()));
        }
        var at = new Position(segment, Math.toIntExact(whole("batch")));
        return new RunState(at, figures(own, processes.rank()), best());
    }

    private void requireWholeEpoch(int then, int now, int segment) {
        if (unit != Unit.EPOCH || number != segment) {
            throw new IllegalArgumentException(
                    "%s was written inside an epoch by %d processes, and now there are %d; go on with %2$d, or from the checkpoint of a whole epoch"
                            .formatted(file, then, now));
        }
    }

    /** The figures as a process has them. */
    private Figures figures(List<?> processes, int rank) {
        Map<?, ?> lists = Checkpoints.get(processes, Map.class, rank, LOSSES);
        var parts = new LinkedHashMap<String, Halves>();
        lists.keySet().forEach(name -> parts.put(String.valueOf(name), halves(lists, String.valueOf(name))));
        var total = Objects.requireNonNull(parts.remove(TOTAL));
        return new Figures(
                new LossMeter.Sums(whole("loss_steps"), Math.toIntExact(whole("loss_window_steps")), total, parts),
                number("rates"),
                unread());
    }

    /** None in a checkpoint of before there was this entry. */
    private TrainStep.Unread unread() {
        if (ours == null || !ours.containsKey(UNREAD)) {
            return TrainStep.Unread.NONE;
        }
        List<?> all = Checkpoints.get(ours, List.class, UNREAD);
        var numbers = IntStream.range(0, all.size())
                .mapToDouble(i -> Checkpoints.get(all, Double.class, i))
                .toArray();
        return new TrainStep.Unread(numbers[0], numbers[1], numbers[2], numbers[3]);
    }

    private Best best() {
        return new Best(number("best_score"), whole("best_number"), Math.toIntExact(whole("validations_since_best")));
    }

    /** Iterations that are done; of LAVIS's files only the order means anything. */
    long progress() {
        return ours == null ? number : whole(ITERATIONS);
    }

    /** The lengths that the files of the log had, bytes, by name; empty if LAVIS wrote the checkpoint. */
    Map<String, Long> logs() {
        var logs = new LinkedHashMap<String, Long>();
        if (ours != null) {
            Map<?, ?> lengths = Checkpoints.get(ours, Map.class, "logs");
            lengths.forEach((name, length) -> logs.put(String.valueOf(name), (Long) length));
        }
        return logs;
    }

    /** What is done, in words. */
    String done() {
        return ours == null ? "%s %d".formatted(unit.key(), number) : progress() + " iterations";
    }

    /** What wrote it; empty if that was LAVIS. */
    Map<?, ?> versions() {
        return ours == null ? Map.of() : Checkpoints.get(ours, Map.class, "versions");
    }

    private long whole(String key) {
        return Checkpoints.get(ours, Long.class, key);
    }

    private double number(String key) {
        return Checkpoints.get(ours, Double.class, key);
    }

    private static Halves halves(Map<?, ?> lists, String name) {
        List<?> all = Checkpoints.get(lists, List.class, name);
        return new Halves(amount(all, 0), amount(all, 2));
    }

    private static LossMeter.Amount amount(List<?> all, int first) {
        return new LossMeter.Amount(
                Checkpoints.get(all, Double.class, first), Checkpoints.get(all, Double.class, first + 1));
    }
}
