package io.lavis4j.quickstart;

import io.lavis4j.config.Configuration;
import io.lavis4j.io.JsonFile;
import io.lavis4j.runner.Job;
import io.lavis4j.runner.JobConfig;
import io.lavis4j.runner.RunDirectory;
import io.lavis4j.task.RunListener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The real experiment: {@code configs/finetune/quickstart.yaml}, run as {@code train} and {@code evaluate} run it.
 *
 * <p>The validation split is looked at when training is over and the weights are settled.
 */
public final class FineTuning implements Quickstart.Experiment {

    private static final String CONFIG = "finetune/quickstart.yaml";
    private static final String SPLIT = "val";
    private static final double NANOS = 1e-9;

    private final Path outputDir;
    private final List<String> options;
    private final RunListener listener;

    /**
     * An experiment that has not begun.
     *
     * @param outputDir gets the directory of the run
     * @param options over those of the shipped configuration
     */
    public FineTuning(Path outputDir, List<String> options, RunListener listener) {
        this.outputDir = outputDir;
        this.options = List.copyOf(options);
        this.listener = listener;
    }

    @Override
    public Quickstart.Outcome run(Path root, Path shuffled) {
        var losses = new LossCollector(listener);
        long start;
        double seconds;
        RunDirectory run;
        try (var job = Job.open(config(root))) {
            start = System.nanoTime();
            run = job.train(losses);
            seconds = (System.nanoTime() - start) * NANOS;
        }
        var scores = evaluate(run, "last", evaluation(root));
        evaluate(
                run,
                "shuffled_pictures",
                evaluation(
                        root,
                        "datasets.sherlock_caption.build_info.annotations.val.storage=" + shuffled.toAbsolutePath()));
        evaluate(run, "without_highlight", evaluation(root, "datasets.sherlock_caption.region_mode=none"));
        return new Quickstart.Outcome(
                seconds,
                losses.points,
                scores,
                answers(run, "last"),
                answers(run, "shuffled_pictures"),
                answers(run, "without_highlight"));
    }

    private JobConfig evaluation(Path root, String... more) {
        var all = new ArrayList<>(List.of("run.evaluate=True", "run.valid_splits=[%s]".formatted(SPLIT)));
        all.addAll(List.of(more));
        return config(root, all.toArray(String[]::new));
    }

    private JobConfig config(Path root, String... more) {
        var all = new ArrayList<>(options);
        all.add("data_root=" + root.toAbsolutePath());
        all.add("run.output_dir=" + outputDir);
        all.addAll(List.of(more));
        return JobConfig.read(Configuration.load(CONFIG, all, name -> null));
    }

    private Map<String, Double> evaluate(RunDirectory run, String label, JobConfig config) {
        try (var job = Job.open(config, run.weights());
                var runner = job.runner(listener)) {
            return runner.evaluate(run, List.of(SPLIT), label).getOrDefault(SPLIT, Map.of());
        }
    }

    /** Generated text by instance id. */
    private static Map<String, String> answers(RunDirectory run, String label) {
        var file = run.result().resolve("%s_epoch%s.json".formatted(SPLIT, label));
        var answers = new LinkedHashMap<String, String>();
        JsonFile.of(file, "a JSON list of captions")
                .elements((row, index) -> answers.put(
                        row.get("image_id").asText(), row.get("caption").asText()));
        return answers;
    }

    /** Passes everything on and keeps the losses. */
    private static final class LossCollector implements RunListener {

        private final RunListener listener;
        private final List<LossPoint> points = new ArrayList<>();
        private long before;
        private double last = Double.NaN;

        LossCollector(RunListener listener) {
            this.listener = listener;
        }

        @Override
        public void step(Progress progress) {
            if (!Double.isNaN(progress.loss()) && progress.loss() != last) {
                last = progress.loss();
                points.add(new LossPoint(before + progress.step(), last));
            }
            listener.step(progress);
        }

        @Override
        public void end(Progress progress) {
            before += progress.steps();
            listener.end(progress);
        }
    }
}
