package io.lavis4j.task.sherlock;

import io.lavis4j.dataset.sherlock.SherlockInstances;
import io.lavis4j.metric.sherlock.NpyArray;
import io.lavis4j.metric.sherlock.Submission;
import io.lavis4j.metric.sherlock.SubmissionCheck;
import io.lavis4j.metric.sherlock.SubmissionLayout;
import io.lavis4j.task.RunListener;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From instance files to the zip file of a submission. */
public final class SherlockSubmission {

    private static final Logger LOG = LoggerFactory.getLogger(SherlockSubmission.class);

    private SherlockSubmission() {}

    /**
     * Scores instance files and writes the submission when all are done.
     *
     * <p>Every file is read, and its images are looked for, before the first is scored.
     *
     * @param instances files by name: {@code comparison}, {@code localization}, {@code retrieval_0}, ...
     * @param zip must be called {@value Submission#FILE}
     * @param listener follows the regions of each file
     */
    public static void write(SherlockScorer scorer, Map<String, Path> instances, Path zip, RunListener listener) {
        Submission.requireName(zip);
        var lengths = new LinkedHashMap<String, Integer>();
        for (var entry : instances.entrySet()) {
            var read = SherlockInstances.read(entry.getValue());
            scorer.check(entry.getKey(), read);
            lengths.put(entry.getKey(), read.size());
        }
        var layout = new SubmissionLayout(lengths);
        var arrays = new LinkedHashMap<String, NpyArray>();
        for (var entry : instances.entrySet()) {
            arrays.put(
                    entry.getKey(),
                    Submission.array(scorer.score(entry.getKey(), SherlockInstances.read(entry.getValue()), listener)));
        }
        new Submission(arrays).write(zip);
        var check = SubmissionCheck.of(zip, layout);
        if (instances.containsKey(SubmissionLayout.COMPARISON)
                && !check.problems().isEmpty()) {
            throw new IllegalStateException(
                    "the submission was written but is not in order: " + String.join("; ", check.problems()));
        }
        var problems = SubmissionCheck.of(zip, SubmissionLayout.testSet()).problems();
        if (!problems.isEmpty()) {
            LOG.warn("The leaderboard would not take this, {} problems: {}", problems.size(), problems.get(0));
        }
    }
}
