package io.lavis4j.runner;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.lavis4j.dataset.Batch;
import io.lavis4j.dataset.BatchLoader;
import io.lavis4j.dataset.Share;
import io.lavis4j.distributed.Processes;
import io.lavis4j.io.JsonText;
import io.lavis4j.model.BaseModel;
import io.lavis4j.task.PassTimer;
import io.lavis4j.task.RunListener;
import io.lavis4j.task.Task;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Trace;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;

/**
 * Evaluations of splits. Each process evaluates every W-th batch, and the first puts the results in their order; what
 * is random about a batch derives from its number, so the results are those of one process.
 *
 * <p>Differences from LAVIS: no sample is evaluated twice to give all processes as many, and the random numbers of what
 * is drawn in an evaluation do not depend on what was before.
 *
 * @param shared whether each process has batches of its own: {@code run.use_dist_eval_sampler}
 * @param seed of the random numbers
 * @param stop ends the evaluation of all processes when each has come to its end or to a request of its own
 */
record SplitEvaluation(
        Task task,
        BaseModel model,
        Processes processes,
        boolean shared,
        long seed,
        StopRequest stop,
        RunListener listener) {

    /** The scores of a split, in every process. */
    private record Scores(Map<String, Double> byName) {}

    /**
     * Evaluates with the weights that the model has; the generators' states stay.
     *
     * @param loader of this process's share of the split
     * @param directory that result files are written to
     * @param name of the result file, without ending
     * @return scores by name
     * @throws RunStopped if a process was asked to stop
     */
    Map<String, Double> of(String split, BatchLoader loader, RunDirectory directory, String name) {
        model.module().eval();
        try (var noGrad = new NoGradGuard();
                var random = RandomState.capture(model.module().device())) {
            try (var evaluation = task.evaluate(model)) {
                return finish(evaluation, split, loader, directory, name);
            } finally {
                random.restore();
            }
        }
    }

    private <R extends Record> Map<String, Double> finish(
            Task.Evaluation<R> evaluation, String split, BatchLoader loader, RunDirectory directory, String name) {
        var own = batches(evaluation, split, loader);
        if (processes.isSoInAny(own.size() < loader.batchesPerEpoch())) {
            throw new RunStopped(directory);
        }
        var share = new Share(processes.rank(), processes.world());
        var all = new ArrayList<>(shared ? merged(own, evaluation.results()) : own);
        all.addAll(merged(evaluation.conclude(share), evaluation.results()));
        var scores = processes.isFirst() ? evaluation.finish(all, directory.result(), name) : Map.<String, Double>of();
        if (processes.world() == 1) {
            return scores;
        }
        var known = processes.gather(bytes(new Scores(scores))).get(0);
        return new LinkedHashMap<>(record(known, Scores.class).byName());
    }

    /** Results of the batches of this process, up to a request to stop. */
    private <R extends Record> List<R> batches(Task.Evaluation<R> evaluation, String split, BatchLoader loader) {
        int batches = loader.batchesPerEpoch();
        var clock = new PassTimer("Evaluation: " + split, batches, listener);
        var results = new ArrayList<R>();
        try (var loaded = loader.epoch(0)) {
            for (int i = 0; i < batches && !stop.isMade(); i++) {
                clock.startStep();
                try (var batch = loaded.next()) {
                    clock.dataReady();
                    RandomState.seed(seed + (shared ? (long) i * processes.world() + processes.rank() : i));
                    results.add(result(evaluation, batch));
                }
                clock.endStep(Double.NaN);
            }
        }
        clock.end();
        return results;
    }

    private static <R extends Record> R result(Task.Evaluation<R> evaluation, Batch batch) {
        try (var span = Trace.span("evaluation")) {
            if (batch.kept() == null) {
                return evaluation.step(batch);
            }
            try (var scope = new PointerScope()) {
                return evaluation.step(batch.seen());
            }
        }
    }

    /** The results of one process. */
    private record Results(List<String> batches) {}

    /** The results of all processes in the first: the first batches in the order of ranks, then the second, ... */
    private <R extends Record> List<R> merged(List<R> own, Class<R> type) {
        if (processes.world() == 1) {
            return own;
        }
        var shares = processes
                .gather(bytes(new Results(own.stream().map(JsonText::of).toList())))
                .stream()
                .map(bytes -> record(bytes, Results.class).batches())
                .toList();
        var all = new ArrayList<R>();
        for (int i = 0; i < shares.get(0).size(); i++) { // the first has as many as any
            for (var share : shares) {
                if (i < share.size()) {
                    all.add(record(share.get(i), type));
                }
            }
        }
        return all;
    }

    private static byte[] bytes(Record value) {
        return JsonText.of(value).getBytes(StandardCharsets.UTF_8);
    }

    private static <R extends Record> R record(byte[] bytes, Class<R> type) {
        return record(new String(bytes, StandardCharsets.UTF_8), type);
    }

    private static <R extends Record> R record(String text, Class<R> type) {
        try {
            return JsonText.parse(text, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(
                    "the results of another process are not of %s: %s"
                            .formatted(type.getName(), e.getOriginalMessage()),
                    e);
        }
    }
}
