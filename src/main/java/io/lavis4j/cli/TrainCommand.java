package io.lavis4j.cli;

import io.lavis4j.distributed.Processes;
import io.lavis4j.runner.Job;
import io.lavis4j.runner.JobConfig;
import io.lavis4j.runner.Resumption;
import io.lavis4j.runner.RunDirectory;
import io.lavis4j.runner.RunStopped;
import io.lavis4j.tensor.JavaHeap;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Trains. */
@Command(
        name = "train",
        description = {
            "Train, validate and test as a configuration says.",
            "Prints the directory of the run, which holds log.txt, evaluate.txt, checkpoints and results.",
            "SIGTERM and SIGINT (Ctrl-C) end a run at its next step with a checkpoint and the status 143 or 130."
        })
final class TrainCommand implements Callable<Integer> {

    private static final String AUTO = "auto";

    @Option(
            names = "--cfg-path",
            paramLabel = "FILE",
            description = {
                "A configuration, or the name of one that is shipped: finetune/caption_sherlock.yaml.",
                "With --resume of a run its config.yaml is the default."
            })
    private @Nullable String cfgPath;

    @Option(
            names = "--resume",
            paramLabel = "auto|PATH",
            description = {
                "Go on in the directory of a run, as if it had never been interrupted.",
                "PATH is a run or one of its checkpoints.",
                "auto is the newest unfinished run of this configuration in run.output_dir;",
                "where there is none, a new run begins."
            })
    private @Nullable String resume;

    @Mixin
    private final ConfigOptions options = new ConfigOptions();

    @Mixin
    private final ProfileOptions profile = new ProfileOptions();

    @Mixin
    private final Console console = new Console();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        var steps = profile.steps(console);
        var run = resume == null || resume.equals(AUTO) ? null : run(Path.of(resume));
        var config = JobConfig.read(options.load(configuration(run)));
        return Together.run(config.run(), console, processes -> {
            if (run != null && Resumption.isFinished(run, config)) {
                log().info("{} is finished; a larger run.max_epoch or run.max_steps would make it longer", run.path());
                print(run, processes);
                return 0;
            }
            try (var trace = profile.open(steps, processes, console);
                    var job = job(config, processes)) {
                return train(job, config, processes);
            }
        });
    }

    private void print(RunDirectory directory, Processes processes) {
        if (processes.isFirst()) {
            console.out().println(directory.path());
        }
    }

    private static RunDirectory run(Path path) {
        return Files.isRegularFile(path) ? RunDirectory.of(path) : RunDirectory.open(path);
    }

    private String configuration(@Nullable RunDirectory run) {
        if (cfgPath != null) {
            return cfgPath;
        }
        requireConfiguration();
        return Objects.requireNonNull(run, "a run that goes on").config().toString();
    }

    /**
     * The check that parsing leaves out, as a run that goes on has its configuration.
     *
     * @throws ParameterException if there is none
     */
    void requireConfiguration() {
        if (cfgPath == null && (resume == null || resume.equals(AUTO))) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(), "Missing required option: '--cfg-path=FILE'");
        }
    }

    private Job job(JobConfig config, Processes processes) {
        if (resume == null) {
            return Job.open(config, null, processes);
        }
        var resumption = resume.equals(AUTO)
                ? Resumption.newest(config, processes)
                : Resumption.inPlace(Path.of(resume), config);
        if (resumption == null) {
            log().info(
                            "No unfinished run of this configuration with a checkpoint is in {}; a new one begins",
                            config.run().outputDir());
            return Job.open(config, null, processes);
        }
        return Job.resume(config, resumption, processes);
    }

    private int train(Job job, JobConfig config, Processes processes) {
        JavaHeap.shrink();
        try (var signals = new StopSignals(job::requestStop)) {
            try {
                var directory = job.train(
                        Terminal.listener(processes, config.run().frequencies().logFreq()));
                print(directory, processes);
                return 0;
            } catch (RunStopped e) {
                if (!config.run().evaluate()) {
                    log().info(
                                    "Stopped; it goes on with: train --resume {}",
                                    e.directory().path().toAbsolutePath());
                }
                print(e.directory(), processes);
                return signals.status();
            }
        }
    }

    /** Only now: setting up a log takes time, and every command makes this object. */
    private static Logger log() {
        return LoggerFactory.getLogger(TrainCommand.class);
    }
}
