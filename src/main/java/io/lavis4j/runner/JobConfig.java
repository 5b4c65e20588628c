package io.lavis4j.runner;

import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Configuration;
import io.lavis4j.config.Section;
import io.lavis4j.dataset.DatasetConfig;
import io.lavis4j.model.AnswerLearner;
import io.lavis4j.model.BaseModel;
import io.lavis4j.processor.Processors;
import io.lavis4j.task.Task;
import io.lavis4j.task.TaskType;
import io.lavis4j.zoo.Architecture;
import io.lavis4j.zoo.ModelType;
import io.lavis4j.zoo.ModelZoo;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A whole configuration, every part read and checked; nothing is loaded yet.
 *
 * @param run what the runner does
 * @param task what the model is trained for and judged by, with its settings
 * @param architecture of the model
 * @param model what is trained
 * @param data what it is trained on; without data sets if only the model is wanted
 * @param processors of images and texts: of the first data set
 * @param source the configuration that all this was read from
 */
public record JobConfig(
        RunConfig run,
        Task task,
        Architecture<?> architecture,
        ModelType<?> model,
        DataConfig data,
        Processors processors,
        Configuration source) {

    /**
     * Reads all of it; the keys of an unknown task are not looked at.
     *
     * @throws io.lavis4j.config.ConfigException with every problem
     */
    public static JobConfig read(Configuration source) {
        return source.bind(root -> read(root, source, true, false));
    }

    /**
     * The same without training, and without what training alone would need.
     *
     * @throws io.lavis4j.config.ConfigException with every problem
     */
    public static JobConfig forEvaluation(Configuration source) {
        return source.bind(root -> read(root, source, true, true));
    }

    /**
     * Reads what the model needs: everything but where the data lie.
     *
     * @throws io.lavis4j.config.ConfigException with every problem
     */
    public static JobConfig withoutData(Configuration source) {
        return source.bind(root -> read(root, source, false, false));
    }

    private record Run(RunConfig config, TaskType type, Task task) {}

    private record Data(List<DatasetConfig> datasets, Processors processors) {}

    private static JobConfig read(Section root, Configuration source, boolean withData, boolean evaluate) {
        var architecture = new ModelZoo().read(root.section("model"));
        var model = architecture == null ? null : architecture.read(root.section("model"));
        var run = root.section("run").read(section -> run(section, architecture, evaluate));
        var data = root.section("datasets").read(all -> data(all, source.dataRoot(), withData));
        var config = Section.present(run).config();
        var datasets = new DataConfig(List.of(), Map.of());
        if (withData) {
            datasets = DataConfig.of(Section.present(data).datasets(), root.section("run"), config);
            config = config.withSplits(datasets.existing(root.section("run"), config.splits(), config.evaluate()));
        }
        var processors = Section.present(data).processors();
        var agreement = new Agreement(root, config, Section.present(model));
        agreement.check(datasets);
        agreement.checkFeatures(datasets, Section.present(architecture));
        agreement.checkTexts(
                datasets, Section.present(architecture), Section.present(run).type());
        if (!withData) {
            agreement.checkImageSize(processors, Processors.EVAL);
        }
        return new JobConfig(
                config,
                Section.present(run).task(),
                Section.present(architecture),
                agreement.model(),
                datasets,
                processors,
                source);
    }

    private static Run run(Section section, @Nullable Architecture<?> architecture, boolean evaluate) {
        var config = section.read(RunConfig::read);
        if (evaluate && config != null) {
            config = config.forEvaluation();
        }
        var type = TaskType.registry().read(section, "task");
        if (type == null) {
            section.values().keySet().forEach(section::ignore); // the task's keys are known to it alone
            throw new IllegalArgumentException("no task");
        }
        if (architecture != null) {
            boolean training = config == null || !config.evaluate();
            var lacking = type.lacking(architecture.model(), training);
            if (!lacking.isEmpty()) {
                section.problem(
                        "task",
                        "is \"%s\", which needs a model with %s; %s has %s alone"
                                .formatted(
                                        type.name(),
                                        lacking,
                                        architecture.name(),
                                        BaseModel.abilities(architecture.model())));
            }
        }
        var task = section.read(type.reader());
        return new Run(Section.present(config), type, Section.present(task));
    }

    private static Data data(Section datasets, @Nullable Path dataRoot, boolean withData) {
        if (withData) {
            var read = DataConfig.read(datasets, dataRoot);
            return new Data(read, read.get(0).processors());
        }
        var first = datasets.sections().values().stream()
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("expected a data set, got none"));
        return Section.present(first.read(section -> {
            section.values().keySet().forEach(section::ignore);
            return new Data(List.of(), Processors.read(section));
        }));
    }

    /**
     * The splits of {@code evaluate}: the test splits, or those for validation where there are none.
     *
     * @throws ConfigException if there are neither
     */
    public List<String> splitsToEvaluate() {
        var splits = run.splits();
        var found = splits.test().isEmpty() ? splits.valid() : splits.test();
        if (found.isEmpty()) {
            var there = data.splits();
            throw new ConfigException(List.of(
                    "run.test_splits and run.valid_splits: no split to evaluate; name one of %s, as run.test_splits=[%s]"
                            .formatted(there, there.isEmpty() ? "" : there.get(there.size() - 1))));
        }
        return found;
    }

    /** Warns of what can be done and is hardly meant. */
    void warn() {
        if (!AnswerLearner.class.isAssignableFrom(architecture.model())) { // its prompt is a question
            Agreement.warnOfPrompt(model, data.datasets());
        }
    }
}
