package io.lavis4j.bench;

import java.io.IOException;
import java.util.List;
import org.openjdk.jmh.annotations.Mode;
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
 * mvn -q -Pjmh compile exec:exec -Dbench.args="VitBenchmark -p size=base -p threads=1,2"
 * mvn -q -Pjmh compile exec:exec -Dbench.args="-p dtype=bf16 -wi 0 -i 1 -r 100ms"      # does everything run?
 * mvn -q -Pjmh compile exec:exec -Dbench.args="processes small 4"                      # two processes against one
 * mvn -q -Pjmh compile exec:exec -Dbench.args=-h                                       # JMH's options
 * </pre>
 *
 * <p>Parameters, set by {@code -p}, are those of {@link Setting} and of each benchmark's class.
 */
public final class Benchmarks {

    /** Makes this one of the processes of {@link ProcessesEfficiency}. */
    static final String PROCESS = "process";

    private Benchmarks() {}

    /** Takes JMH's command line, or {@code processes} with a size and a batch. */
    public static void main(String[] args) throws CommandLineOptionException, RunnerException, IOException {
        var list = List.of(args);
        if (!list.isEmpty() && list.get(0).equals("processes")) {
            ProcessesEfficiency.measure(list.subList(1, list.size()));
            return;
        }
        if (!list.isEmpty() && list.get(0).equals(PROCESS)) {
            ProcessesEfficiency.step(list.subList(1, list.size()));
            return;
        }
        var asked = new CommandLineOptions(args);
        if (asked.shouldHelp()) {
            asked.showHelp();
            return;
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
        } else if (asked.shouldListWithParams()) {
            runner.listWithParams(asked);
        } else {
            ResultTable.print(runner.run());
        }
    }
}
