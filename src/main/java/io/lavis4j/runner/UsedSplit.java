package io.lavis4j.runner;

import io.lavis4j.dataset.DatasetConfig;
import io.lavis4j.dataset.SampleSource;
import io.lavis4j.dataset.Source;
import io.lavis4j.task.Task;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A split that a run opens.
 *
 * @param dataset that has it
 * @param split its name
 * @param training whether it is trained on, or evaluated
 * @param task that evaluates it; {@code null} for none
 */
public record UsedSplit(
        DatasetConfig dataset,
        String split,
        boolean training,
        @Nullable Task task) {

    /** All of a run in the order in which it opens them: training first, then those for validation and test. */
    public static List<UsedSplit> of(JobConfig config) {
        var splits = config.run().splits();
        var data = config.data();
        var used = new ArrayList<UsedSplit>();
        if (!config.run().evaluate()) {
            String split = splits.train().get(0);
            data.with(List.of(split)).forEach(dataset -> used.add(new UsedSplit(dataset, split, true, null)));
        }
        var evaluated = new LinkedHashSet<String>(splits.valid());
        evaluated.addAll(splits.test());
        evaluated.forEach(split -> used.add(new UsedSplit(data.evaluated(split), split, false, config.task())));
        return used;
    }

    /**
     * Reads its annotations, as {@link DatasetConfig#open}.
     *
     * @throws IllegalArgumentException if the task cannot use its references or samples
     */
    public Source open() {
        var source = dataset.open(split, training);
        if (task != null && source instanceof SampleSource list) {
            task.requireReferences(list.dataset().references());
            task.requireSample(list.dataset().sample(0, list.textProcessor()).texts());
        }
        return source;
    }
}
