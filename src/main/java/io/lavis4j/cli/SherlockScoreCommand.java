package io.lavis4j.cli;

import io.lavis4j.io.JsonText;
import io.lavis4j.metric.sherlock.AnswerKey;
import io.lavis4j.metric.sherlock.LeaderboardScores;
import io.lavis4j.metric.sherlock.Predictions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Scores predictions with answer keys. */
@Command(
        name = "score",
        description = {
            "Score predictions with an answer key, whose form says which task it is of; prints the official scorer's lines.",
            "Folders score every task: keys by their published names, val_comparison_answer_key.json and so on, predictions"
                    + " as comparison.npy or comparison.json, localization, retrieval_0, ..., or as a submission's zip file."
        })
final class SherlockScoreCommand implements Callable<Integer> {

    @Option(
            names = "--answer-key",
            required = true,
            paramLabel = "PATH",
            description = "Answer key, or a folder of keys.")
    private Path answerKey = Path.of("");

    @Option(
            names = "--predictions",
            required = true,
            paramLabel = "PATH",
            description =
                    "Scores as a .npy array in the order of the sorted test ids, or as a JSON object from test id to"
                            + " score; with a folder of keys a folder of these or a zip file.")
    private Path predictions = Path.of("");

    @Option(
            names = "--instance-ids",
            paramLabel = "FILE",
            description = "JSON list of the test ids that were scored, where the key has only some of them.")
    private @Nullable Path instanceIds;

    @Option(names = "--json", description = "Print one JSON object, numbers unrounded.")
    private boolean json;

    @Mixin
    private final Console console = new Console();

    @Override
    public Integer call() {
        if (Files.isDirectory(answerKey)) {
            if (instanceIds != null) {
                throw console.wrong("--instance-ids: with a folder of keys, ids are those beside the keys");
            }
            var scores = LeaderboardScores.of(answerKey, predictions);
            print(scores.values(), scores.lines());
        } else {
            var key = AnswerKey.read(answerKey);
            var ids = instanceIds == null ? key.testIds() : Predictions.readIds(instanceIds);
            var scores = key.score(Predictions.read(predictions, ids));
            print(scores.values(), scores.lines());
        }
        return 0;
    }

    private void print(Object values, List<String> lines) {
        var out = console.out();
        if (json) {
            out.println(JsonText.of(values));
        } else {
            lines.forEach(out::println);
        }
    }
}
