package io.lavis4j.estimate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Settings that would make a job fit into a device, tried out by the same formulas, the cheapest first: a frozen vision
 * encoder in fp16 loses nearly nothing, updates in backward lose nothing but the check of all gradients before the
 * first, recomputed blocks and smaller batches with as many samples in a step cost time, fewer samples in a step and a
 * frozen vision encoder change what is learned.
 *
 * @param job its present settings
 * @param estimate of the job with settings over its own; {@code null} where these are refused
 * @param available bytes of the device
 */
public record Advice(Job job, Function<List<String>, @Nullable MemoryEstimate> estimate, long available) {

    private static final List<Change> CHANGES = List.of(
            new Change("model.vit_precision=fp16", 1),
            new Change("run.optimizer_in_backward=True", 2),
            new Change("model.use_grad_checkpoint=True", 3),
            new Change("model.recompute_granularity=full", 1),
            new Change("model.freeze_vit=True", 100));
    private static final int COST_OF_HALVING = 2;
    private static final int COST_OF_SMALLER_STEPS = 20;

    /** A setting and what it costs, in units that order costs and mean nothing else. */
    private record Change(String setting, int cost) {}

    /**
     * The settings of a job that batches hang on.
     *
     * @param batchSizeTrain key {@code run.batch_size_train}
     * @param accumGradIters key {@code run.accum_grad_iters}
     * @param batchSizeEval key {@code run.batch_size_eval}
     */
    public record Job(int batchSizeTrain, int accumGradIters, int batchSizeEval) {}

    /**
     * Settings that are enough, as they follow {@code --options}.
     *
     * @param settings each {@code key=value}
     * @param needed bytes with them
     */
    public record Remedy(List<String> settings, long needed) {}

    private record Priced(Remedy remedy, int cost) {}

    /** Remedies of which none has all the settings of another; empty if nothing helps. */
    public List<Remedy> remedies() {
        var priced = new ArrayList<Priced>();
        for (int choice = 0; choice < 1 << CHANGES.size(); choice++) {
            var settings = new ArrayList<String>();
            int cost = 0;
            for (int i = 0; i < CHANGES.size(); i++) {
                if (((choice >> i) & 1) == 1) {
                    settings.add(CHANGES.get(i).setting());
                    cost += CHANGES.get(i).cost();
                }
            }
            int spent = cost;
            smallerBatches(settings, true, spent)
                    .or(() -> smallerBatches(settings, false, spent + COST_OF_SMALLER_STEPS))
                    .ifPresent(priced::add);
        }
        priced.sort(Comparator.comparingInt(Priced::cost));
        var kept = new ArrayList<Remedy>();
        for (var one : priced) {
            var keys = keys(one.remedy());
            if (kept.stream().noneMatch(other -> keys.containsAll(keys(other)))) {
                kept.add(one.remedy());
            }
        }
        return kept;
    }

    private static HashSet<String> keys(Remedy remedy) {
        var keys = new HashSet<String>();
        remedy.settings().forEach(setting -> keys.add(setting.substring(0, setting.indexOf('='))));
        return keys;
    }

    /**
     * The largest batches that fit with some other settings: halves of the present ones.
     *
     * @param accumulate whether a step is to have as many samples as now
     */
    private Optional<Priced> smallerBatches(List<String> settings, boolean accumulate, int cost) {
        int train = 1, eval = 1, spent = cost;
        while (true) {
            var tried = new ArrayList<>(settings);
            if (train > 1) {
                tried.add("run.batch_size_train=" + job.batchSizeTrain() / train);
            }
            if (train > 1 && accumulate) {
                tried.add("run.accum_grad_iters=" + job.accumGradIters() * train);
            }
            if (eval > 1) {
                tried.add("run.batch_size_eval=" + job.batchSizeEval() / eval);
            }
            var found = estimate.apply(tried);
            if (found == null) {
                return Optional.empty();
            }
            var training = found.training();
            boolean trains = training == null || found.needed(training) <= available;
            boolean evaluates = found.needed(found.evaluation()) <= available;
            if (trains && evaluates) {
                return Optional.of(new Priced(new Remedy(tried, found.needed()), spent));
            }
            boolean even = !accumulate || job.batchSizeTrain() % (2 * train) == 0;
            boolean smallerSteps = trains || (even && 2 * train <= job.batchSizeTrain());
            boolean smallerEvaluation = evaluates || 2 * eval <= job.batchSizeEval();
            if (!smallerSteps || !smallerEvaluation) {
                return Optional.empty();
            }
            train *= trains ? 1 : 2;
            eval *= evaluates ? 1 : 2;
            spent += COST_OF_HALVING;
        }
    }
}
