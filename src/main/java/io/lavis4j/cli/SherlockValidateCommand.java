package io.lavis4j.cli;

import io.lavis4j.dataset.sherlock.SherlockInstances;
import io.lavis4j.metric.sherlock.SubmissionCheck;
import io.lavis4j.metric.sherlock.SubmissionLayout;
import io.lavis4j.metric.sherlock.TaskFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Checks a submission. */
@Command(
        name = "validate",
        description = {
            "Check a submission by the leaderboard's rules: names, lengths, types, no NaN.",
            "Prints what is right, problems, and remarks; a problem makes the exit status 1."
        })
final class SherlockValidateCommand implements Callable<Integer> {

    @Parameters(paramLabel = "ZIP", description = "The submission.")
    private Path zip = Path.of("");

    @Option(
            names = "--instances",
            arity = "1..*",
            paramLabel = "PATH",
            description = "Take the lengths from these instance files or folders of them, instead of the test set's.")
    private List<Path> instances = new ArrayList<>();

    @Mixin
    private final Console console = new Console();

    @Override
    public Integer call() {
        var check = SubmissionCheck.of(zip, layout());
        var out = console.out();
        check.arrays().forEach(name -> out.println("right: " + name));
        check.problems().forEach(problem -> out.println("problem: " + problem));
        check.remarks().forEach(remark -> out.println("remark: " + remark));
        return check.problems().isEmpty() ? 0 : 1;
    }

    private SubmissionLayout layout() {
        if (instances.isEmpty()) {
            return SubmissionLayout.testSet();
        }
        var lengths = new LinkedHashMap<String, Integer>();
        TaskFiles.INSTANCES
                .find(instances)
                .forEach((name, file) ->
                        lengths.put(name, SherlockInstances.read(file).size()));
        return new SubmissionLayout(lengths);
    }
}
