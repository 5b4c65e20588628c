package io.lavis4j.cli;

import io.lavis4j.runner.Job;
import io.lavis4j.runner.JobConfig;
import io.lavis4j.runner.Resumption;
import io.lavis4j.runner.RunDirectory;
import io.lavis4j.runner.RunStopped;
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

    private static final Logger LOG = LoggerFactory.getLogger(TrainCommand.class);
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
    private final Console console = new Console();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        var run = resume == null || resume.equals(AUTO) ? null : run(Path.of(resume));
        var config = JobConfig.read(options.load(configuration(run)));
        if (run != null && Resumption.isFinished(run, config)) {
            LOG.info("{} is finished; a larger run.max_epoch or run.max_steps would make it longer", run.path());
            console.out().println(run.path());
            return 0;
        }
        try (var job = job(config)) {
            return train(job, config);
        }
    }

    private static RunDirectory run(Path path) {
        return Files.isRegularFile(path) ? RunDirectory.of(path) : RunDirectory.open(path);
    }

    private String configuration(@Nullable RunDirectory run) {
        if (cfgPath != null) {
            return cfgPath;
        }
        if (run != null) {
            return run.config().toString();
        }
        throw new ParameterException(
                Objects.requireNonNull(spec).commandLine(), "Missing required option: '--cfg-path=FILE'");
    }

    private Job job(JobConfig config) {
        if (resume == null) {
            return Job.open(config);
        }
        var resumption = resume.equals(AUTO) ? Resumption.newest(config) : Resumption.inPlace(Path.of(resume), config);
        if (resumption == null) {
            LOG.info(
                    "No unfinished run of this configuration with a checkpoint is in {}; a new one begins",
                    config.run().outputDir());
            return Job.open(config);
        }
        return Job.resume(config, resumption);
    }

    private int train(Job job, JobConfig config) {
        try (var signals = new StopSignals(job::requestStop)) {
            try {
                var directory =
                        job.train(Terminal.listener(config.run().frequencies().logFreq()));
                console.out().println(directory.path());
                return 0;
            } catch (RunStopped e) {
                LOG.info(
                        "Stopped; go on with: train --resume {}",
                        e.directory().path().toAbsolutePath());
                console.out().println(e.directory().path());
                return signals.status();
            }
        }
    }
}
