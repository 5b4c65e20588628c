package io.lavis4j.bench;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs benchmarks and prints the table of their results.
 *
 * <pre>
 * mvn -q -Pjmh compile exec:exec                                                       # everything, small
 * mvn -q -Pjmh compile exec:exec -Dbench.args="PassBenchmark -p size=base -p threads=1,2"
 * mvn -q -Pjmh compile exec:exec -Dbench.args="-p dtype=bf16 -wi 0 -i 1 -r 100ms"      # does everything run?
 * mvn -q -Pjmh compile exec:exec -Dbench.args="compare PassBenchmark"                  # beside the last results
 * mvn -q -Pjmh compile exec:exec -Dbench.args="save PassBenchmark"                     # as the last results
 * mvn -q -Pjmh compile exec:exec -Dbench.args="growth batch"                           # captions of more and more images
 * mvn -q -Pjmh compile exec:exec -Dbench.args="processes small 4"                      # two processes against one
 * mvn -q -Pjmh compile exec:exec -Dbench.args=-h                                       # JMH's options
 * </pre>
 *
 * <p>Parameters, set by {@code -p}, are those of {@link Setting} and of each benchmark's class. The last results are a
 * file in the repository, see {@link LastResults}; those that are not measured again stay in it. {@link Growth} has its
 * axes.
 */
public final class Benchmarks {

    /** Makes this one of the processes of {@link ProcessesEfficiency}. */
    static final String PROCESS = "process";

    private Benchmarks() {}

    /** Takes JMH's command line, alone or after a word as above. */
    public static void main(String[] args) throws CommandLineOptionException, RunnerException, IOException {
        var list = List.of(args);
        String word = list.isEmpty() ? "" : list.get(0);
        var others = list.subList(Math.min(1, list.size()), list.size());
        switch (word) {
            case "processes" -> ProcessesEfficiency.measure(others);
            case PROCESS -> ProcessesEfficiency.step(others);
            case "growth" -> Growth.measure(others);
            case "compare" -> {
                var last = LastResults.read();
                last.compare(run(others));
            }
            case "save" -> {
                var last = LastResults.ofThisMachine();
                last.save(run(others));
            }
            default -> run(list);
        }
    }

    /** Runs what JMH's command line asks for, and prints the table. */
    static Collection<RunResult> run(List<String> args)
            throws CommandLineOptionException, RunnerException, IOException {
        var asked = new CommandLineOptions(args.toArray(String[]::new));
        if (asked.shouldHelp()) {
            asked.showHelp();
            return List.of();
        }
        var options = new OptionsBuilder()
                .parent(asked)
                .addProfiler(RateProfiler.class)
                .mode(Mode.Throughput)
                .shouldFailOnError(true)
                .forks(asked.getForkCount().orElse(1))
                .warmupIterations(asked.getWarmupIterations().orElse(1))
                .warmupTime(asked.getWarmupTime().orElse(TimeValue.seconds(1)))
                .measurementIterations(asked.getMeasurementIterations().orElse(5))
                .measurementTime(asked.getMeasurementTime().orElse(TimeValue.seconds(2)));
        var runner = new Runner(options.build());
        if (asked.shouldList()) {
            runner.list();
            return List.of();
        }
        if (asked.shouldListWithParams()) {
            runner.listWithParams(asked);
            return List.of();
        }
        var results = runner.run();
        ResultTable.print(results);
        return results;
    }
}
