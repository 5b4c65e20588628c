package io.lavis4j.runner;

import io.lavis4j.config.Configuration;
import io.lavis4j.config.Nearest;
import io.lavis4j.config.Section;
import io.lavis4j.dataset.DatasetConfig;
import io.lavis4j.processor.Processors;
import io.lavis4j.task.CaptioningConfig;
import io.lavis4j.zoo.Blip2OptType;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A whole configuration, every part read and checked; nothing is loaded yet.
 *
 * @param run what the runner does
 * @param task how captions are generated and scored
 * @param model what is trained
 * @param dataset what it is trained on; {@code null} if only the model is wanted
 * @param processors of pictures and texts
 * @param source the configuration that all this was read from
 */
public record JobConfig(
        RunConfig run,
        CaptioningConfig task,
        Blip2OptType model,
        @Nullable DatasetConfig dataset,
        Processors processors,
        Configuration source) {

    private static final Logger LOG = LoggerFactory.getLogger(JobConfig.class);

    /**
     * Reads all of it.
     *
     * @throws io.lavis4j.config.ConfigException with every problem
     */
    public static JobConfig read(Configuration source) {
        return source.bind(root -> read(root, source, true));
    }

    /**
     * Reads what captioning of pictures needs: everything but where the data set lies.
     *
     * @throws io.lavis4j.config.ConfigException with every problem
     */
    public static JobConfig withoutData(Configuration source) {
        return source.bind(root -> read(root, source, false));
    }

    private record Run(RunConfig config, CaptioningConfig task) {}

    private record Data(@Nullable DatasetConfig dataset, Processors processors) {}

    private static JobConfig read(Section root, Configuration source, boolean withData) {
        var run = root.section("run").read(JobConfig::run);
        var model = root.section("model").read(Blip2OptType::read);
        var data = root.section("datasets").read(all -> data(all, source.dataRoot(), withData));
        var job = new JobConfig(
                Section.present(run).config(),
                Section.present(run).task(),
                Section.present(model),
                Section.present(data).dataset(),
                Section.present(data).processors(),
                source);
        return withData ? job.withSplitsThatExist(root.section("run")) : job;
    }

    private static Run run(Section section) {
        var config = section.read(RunConfig::read);
        String task = section.string("task", CaptioningConfig.TASK);
        if (!task.equals(CaptioningConfig.TASK)) {
            section.problem(
                    "task",
                    "is \"%s\", which is unknown; %s"
                            .formatted(task, Nearest.advice(task, List.of(CaptioningConfig.TASK))));
        }
        var captioning = section.read(CaptioningConfig::read);
        return new Run(Section.present(config), Section.present(captioning));
    }

    private static Data data(Section datasets, @Nullable Path dataRoot, boolean withData) {
        var names = datasets.sections();
        if (names.size() != 1) {
            throw new IllegalArgumentException("expected one data set, got %s".formatted(names.keySet()));
        }
        var entry = names.entrySet().iterator().next();
        return Section.present(entry.getValue().read(section -> {
            if (withData) {
                var dataset = DatasetConfig.read(entry.getKey(), section, dataRoot);
                return new Data(dataset, dataset.processors());
            }
            section.values().keySet().forEach(section::ignore);
            return new Data(null, Processors.read(section));
        }));
    }

    /** Splits that the data set lacks are left out with a warning, but for training there must be one. */
    private JobConfig withSplitsThatExist(Section section) {
        var there = dataset == null ? List.<String>of() : List.copyOf(dataset.splits());
        var asked = run.splits();
        if (!run.evaluate()) {
            if (asked.train().size() != 1) {
                section.problem("train_splits", "is %s, expected one split".formatted(asked.train()));
            }
            asked.train().stream()
                    .filter(split -> !there.contains(split))
                    .forEach(split -> section.problem(
                            "train_splits", "names \"%s\"; %s".formatted(split, Nearest.advice(split, there))));
        }
        var splits = new RunConfig.Splits(
                asked.train(),
                existing("valid_splits", asked.valid(), there),
                existing("test_splits", asked.test(), there));
        return new JobConfig(run.withSplits(splits), task, model, dataset, processors, source);
    }

    private static List<String> existing(String key, List<String> asked, List<String> there) {
        for (String split : asked) {
            if (!there.contains(split)) {
                LOG.warn(
                        "run.{} names \"{}\", which the data set does not have (it has {}); left out",
                        key,
                        split,
                        there);
            }
        }
        return asked.stream().filter(there::contains).toList();
    }

    /** The same without training. */
    public JobConfig forEvaluation() {
        return new JobConfig(run.forEvaluation(), task, model, dataset, processors, source);
    }

    /** What {@code evaluate} is about: the test splits, or those for validation where there are none. */
    public List<String> splitsToEvaluate() {
        var splits = run.splits();
        return splits.test().isEmpty() ? splits.valid() : splits.test();
    }

    /** Warns when texts do not begin with what the model takes for its prompt, as wrong tokens are masked then. */
    void warnOfPrompt() {
        String text = processors.text().trainOrEval().prompt().strip(),
                prompt = model.prompt().strip();
        if (!prompt.isEmpty() && !text.equals(prompt)) {
            LOG.warn(
                    "model.prompt is \"{}\", but training texts begin with \"{}\": the first tokens of each text are no"
                            + " targets, and captions start from the prompt; set model.prompt to \"{}\"",
                    prompt,
                    text,
                    text);
        }
    }
}
