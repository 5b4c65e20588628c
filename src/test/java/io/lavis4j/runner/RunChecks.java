package io.lavis4j.runner;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.config.Configuration;
import io.lavis4j.distributed.Check;
import io.lavis4j.distributed.Processes;
import io.lavis4j.fixture.CocoFixture;
import io.lavis4j.fixture.Opened;
import io.lavis4j.task.RunListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Runs of two processes on the mini corpus. */
public final class RunChecks {

    private RunChecks() {}

    /** Adds these. */
    public static void addTo(Map<String, Check> checks) {
        checks.put("a run that one process was asked to stop goes on", RunChecks::resumed);
        checks.put("an evaluation is that of one process", RunChecks::captioning);
        checks.put("losses of a split are those of one process", RunChecks::losses);
        checks.put("ranks are those of one process", RunChecks::retrieval);
    }

    private static MiniRuns runs(Path folder) {
        return MiniRuns.in(
                folder.resolve("runs"),
                "run.max_epoch=1",
                "run.batch_size_train=4",
                "run.batch_size_eval=3",
                "run.save_steps=3",
                "run.keep_checkpoints=9",
                "run.shard_optimizer=True");
    }

    /** Trains; the last process may ask to stop after so many steps. */
    private static RunDirectory train(Job job, Processes processes, int stopAfter) {
        return job.train(new RunListener() {
            private int done;

            @Override
            public void step(Progress progress) {
                if (++done == stopAfter && processes.rank() == processes.world() - 1) {
                    job.requestStop();
                }
            }

            @Override
            public void end(Progress progress) {}
        });
    }

    private static void resumed(Processes processes, Path folder) throws IOException {
        var config = runs(folder).config();
        RunDirectory whole;
        try (var job = Job.open(config, null, processes)) {
            whole = train(job, processes, -1);
        }
        var stopped = new ArrayList<RunDirectory>();
        try (var job = Job.open(config, null, processes)) {
            assertThatThrownBy(() -> train(job, processes, 4))
                    .isInstanceOfSatisfying(RunStopped.class, e -> stopped.add(e.directory()));
        }
        processes.barrier(); // the first may still be writing
        var run = stopped.get(0);
        assertThat(run.stepCheckpoints()).as("of 3 updates, and of the stop").hasSize(2);
        try (var job = Job.resume(config, Resumption.inPlace(run.path(), config), processes)) {
            train(job, processes, -1);
        }
        processes.barrier();
        if (processes.isFirst()) {
            MiniRuns.assertSame(run, whole);
            otherNumberOfProcesses(folder, whole);
        }
        processes.barrier();
    }

    private static void otherNumberOfProcesses(Path folder, RunDirectory whole) {
        var inside = whole.stepCheckpoints().get(0);
        var config = runs(folder).config();
        assertThatThrownBy(() -> Job.resume(config, Resumption.inPlace(inside, config)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("%s was written inside an epoch by 2 processes, and now there are 1", inside);
        var longer = runs(folder)
                .with("run.max_epoch=2", "run.valid_splits=[]", "run.resume_ckpt_path=" + whole.checkpoint(0));
        assertThat(longer.train().checkpoint(1)).exists();
    }

    private static void captioning(Processes processes, Path folder) throws IOException {
        for (String shared : List.of("True", "False")) {
            compareEvaluations(
                    processes,
                    folder.resolve(shared),
                    runs(folder).with("run.use_dist_eval_sampler=" + shared).config());
        }
    }

    private static void losses(Processes processes, Path folder) throws IOException {
        if (processes.isFirst()) {
            MiniShards.write(folder.resolve("shards"));
        }
        processes.barrier();
        String sherlock = "datasets.sherlock_caption.";
        compareEvaluations(
                processes,
                folder,
                JobConfig.read(Configuration.load(
                        "pretrain/pretrain_stage1_laion.yaml",
                        List.of(
                                "model.model_type=small",
                                "datasets.laion400M.build_info.storage="
                                        + folder.resolve("shards").toAbsolutePath() + "/{0..2}.tar",
                                "datasets.laion400M.vis_processor.train.image_size=84",
                                "data_root=src/test/resources/sherlock_mini",
                                sherlock + "vis_processor.train.name=blip2_image_train",
                                sherlock + "vis_processor.train.image_size=84",
                                sherlock + "vis_processor.eval.name=blip_image_eval",
                                sherlock + "vis_processor.eval.image_size=84",
                                sherlock + "text_processor.train.name=blip_caption",
                                "run.valid_splits=[val]",
                                "run.output_dir=" + folder.resolve("runs"),
                                "run.batch_size_train=3",
                                "run.batch_size_eval=5",
                                "run.device=cpu",
                                "run.num_workers=1"),
                        name -> null)));
    }

    private static void retrieval(Processes processes, Path folder) throws IOException {
        if (processes.isFirst()) {
            CocoFixture.write(folder);
        }
        processes.barrier();
        var options = new ArrayList<>(Opened.options("coco_retrieval", folder, 84));
        options.addAll(List.of(
                "model.arch=blip2",
                "model.model_type=small",
                "run.task=retrieval",
                "run.evaluate=True",
                "run.test_splits=[val]",
                "run.k_test=3",
                "run.use_dist_eval_sampler=False",
                "run.output_dir=" + folder.resolve("runs"),
                "run.batch_size_eval=3",
                "run.seed=42",
                "run.device=cpu",
                "run.num_workers=1"));
        compareEvaluations(
                processes,
                folder,
                JobConfig.read(Configuration.load("src/test/resources/configs/empty.yaml", options, name -> null)));
    }

    /** What all processes have in their files and know is what one has. */
    private static void compareEvaluations(Processes processes, Path folder, JobConfig config) throws IOException {
        var one = processes.isFirst() ? evaluate(Processes.alone(), folder.resolve("one"), config) : null;
        var all = evaluate(processes, folder.resolve("all"), config);
        byte[] scores = all.toString().getBytes(UTF_8);
        assertThat(processes.gather(scores)).allSatisfy(each -> assertThat(each).isEqualTo(scores));
        if (one != null) {
            assertThat(all).isEqualTo(one);
            assertThat(files(folder.resolve("all")))
                    .isEqualTo(files(folder.resolve("one")))
                    .isNotEmpty();
        }
        processes.barrier();
    }

    private static Map<String, Map<String, Double>> evaluate(Processes processes, Path folder, JobConfig config)
            throws IOException {
        var directory = new RunDirectory(folder);
        Files.createDirectories(directory.result());
        try (var job = Job.open(config, null, processes);
                var runner = job.runner(RunListener.silent())) {
            return runner.evaluate(directory, List.of("val"), "x");
        }
    }

    private static Map<String, String> files(Path folder) throws IOException {
        var files = new TreeMap<String, String>();
        try (var paths = Files.walk(folder)) {
            for (var path : paths.filter(Files::isRegularFile).toList()) {
                files.put(folder.relativize(path).toString(), Files.readString(path));
            }
        }
        return files;
    }
}
