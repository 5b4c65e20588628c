package io.lavis4j.runner;

import io.lavis4j.dataset.DatasetConfig;
import io.lavis4j.dataset.Source;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * A split that a run opens.
 *
 * @param dataset that has it
 * @param split its name
 * @param training whether it is trained on, or evaluated
 */
public record UsedSplit(DatasetConfig dataset, String split, boolean training) {

    /** All of a run in the order in which it opens them: training first, then those for validation and test. */
    public static List<UsedSplit> of(JobConfig config) {
        var splits = config.run().splits();
        var data = config.data();
        var used = new ArrayList<UsedSplit>();
        if (!config.run().evaluate()) {
            String split = splits.train().get(0);
            data.with(List.of(split)).forEach(dataset -> used.add(new UsedSplit(dataset, split, true)));
        }
        var evaluated = new LinkedHashSet<String>(splits.valid());
        evaluated.addAll(splits.test());
        evaluated.forEach(split -> used.add(new UsedSplit(data.evaluated(split), split, false)));
        return used;
    }

    /** Reads its annotations, as {@link DatasetConfig#open}. */
    public Source open() {
        return dataset.open(split, training);
    }
}
