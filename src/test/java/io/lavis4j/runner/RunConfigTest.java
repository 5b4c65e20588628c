package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Section;
import io.lavis4j.dataset.OnBroken;
import io.lavis4j.distributed.GroupConfig;
import io.lavis4j.features.FeatureCacheConfig;
import io.lavis4j.optim.LrSchedule;
import io.lavis4j.optim.ScheduleType;
import io.lavis4j.runner.Accumulation.Normalization;
import io.lavis4j.runner.OnNonFinite.Policy;
import io.lavis4j.tensor.Precision;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RunConfigTest {

    private static final Map<String, Object> REQUIRED = Map.ofEntries(
            Map.entry("task", "captioning"),
            Map.entry("seed", 42),
            Map.entry("device", "cpu"),
            Map.entry("output_dir", "output/a"),
            Map.entry("evaluate", false),
            Map.entry("max_epoch", 5),
            Map.entry("init_lr", 1e-5),
            Map.entry("min_lr", 0),
            Map.entry("lr_sched", "linear_warmup_cosine_lr"),
            Map.entry("batch_size_train", 8),
            Map.entry("batch_size_eval", 4),
            Map.entry("num_workers", 2),
            Map.entry("train_splits", List.of("train")));

    private static Section run(Map<String, Object> more) {
        var run = new TreeMap<>(REQUIRED);
        run.putAll(more);
        return Section.root(Map.of("run", run)).section("run");
    }

    private static RunConfig read(Map<String, Object> more) {
        var run = run(more);
        var config = run.read(RunConfig::read);
        run.requireValid();
        return Section.present(config);
    }

    private static void assertProblems(Map<String, Object> more, String... problems) {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> read(more))
                .satisfies(e -> assertThat(e.problems()).containsExactlyInAnyOrder(problems));
    }

    @Test
    void whatIsNotSaidHasLavisDefaults() {
        assertThat(read(Map.of()))
                .isEqualTo(new RunConfig(
                        "captioning",
                        42,
                        false,
                        "cpu",
                        GroupConfig.defaults(),
                        Path.of("output/a"),
                        false,
                        new Optimization(
                                new LrSchedule(ScheduleType.LINEAR_WARMUP_COSINE, 5, 1e-5, 0, -1, 0, 1),
                                0.05,
                                0.999,
                                1,
                                Accumulation.NONE,
                                MixedPrecision.OFF,
                                null,
                                OnNonFinite.DEFAULT,
                                false),
                        new RunConfig.Loading(8, 4, 2, OnBroken.SKIP, OnBroken.FAIL, 0.01),
                        new RunConfig.Splits(List.of("train"), List.of(), List.of()),
                        new Sharing(false, true),
                        new RunLength(null, null, null),
                        new RunConfig.Frequencies(50, 1, 5, true, true),
                        new StepCheckpoints(0, 0, 1),
                        FeatureCacheConfig.OFF,
                        null));
    }

    @Test
    void everyKeyIsRead() {
        var config = read(Map.ofEntries(
                Map.entry("runner", "runner_base"),
                Map.entry("shard_optimizer", true),
                Map.entry("use_dist_eval_sampler", false),
                Map.entry("warmup_lr", 1e-8),
                Map.entry("warmup_steps", 1000),
                Map.entry("lr_decay_rate", 0.9),
                Map.entry("weight_decay", 0.1),
                Map.entry("beta2", 0.98),
                Map.entry("lr_layer_decay", 0.95),
                Map.entry("accum_grad_iters", 4),
                Map.entry("accum_normalization", "tokens"),
                Map.entry("amp", true),
                Map.entry("amp_dtype", "bf16"),
                Map.entry("on_non_finite", "skip"),
                Map.entry("max_non_finite_steps", 3),
                Map.entry("deterministic", true),
                Map.entry("grad_norm_clip", 1),
                Map.entry("log_freq", 10),
                Map.entry("tensorboard", false),
                Map.entry("save_freq", -1),
                Map.entry("val_freq", 2),
                Map.entry("save_last", false),
                Map.entry("valid_splits", List.of("val")),
                Map.entry("test_splits", List.of("val", "test")),
                Map.entry("on_broken_train", "fail"),
                Map.entry("on_broken_eval", "skip"),
                Map.entry("max_broken_share", 0.5),
                Map.entry("resume_ckpt_path", "checkpoint_3.pth")));
        assertThat(config.optimization())
                .isEqualTo(new Optimization(
                        new LrSchedule(ScheduleType.LINEAR_WARMUP_COSINE, 5, 1e-5, 0, 1e-8, 1000, 0.9),
                        0.1,
                        0.98,
                        0.95,
                        new Accumulation(4, Normalization.TOKENS),
                        new MixedPrecision(true, Precision.BF16),
                        1.0,
                        new OnNonFinite(Policy.SKIP, 3),
                        false));
        assertThat(config.loading()).isEqualTo(new RunConfig.Loading(8, 4, 2, OnBroken.FAIL, OnBroken.SKIP, 0.5));
        assertThat(config.splits())
                .isEqualTo(new RunConfig.Splits(List.of("train"), List.of("val"), List.of("val", "test")));
        assertThat(config.sharing()).isEqualTo(new Sharing(true, false));
        assertThat(config.frequencies()).isEqualTo(new RunConfig.Frequencies(10, 2, -1, false, false));
        assertThat(config.deterministic()).isTrue();
        assertThat(config.resumeCkptPath()).isEqualTo("checkpoint_3.pth");
        assertThat(config.maxEpoch()).isEqualTo(5);
    }

    @Test
    void keysOfSeveralProcessesChangeNothing() {
        assertThat(read(Map.ofEntries(
                        Map.entry("distributed", true),
                        Map.entry("world_size", 1),
                        Map.entry("rank", 0),
                        Map.entry("gpu", 0),
                        Map.entry("train_dataset_ratios", Map.of("sherlock_caption", 1)))))
                .isEqualTo(read(Map.of()));
    }

    @Test
    void keysAboutSeveralProcessesAreTheGroups() {
        assertThat(read(Map.of(
                                "dist_url",
                                "tcp://node0:4000",
                                "dist_backend",
                                "gloo",
                                "dist_join_seconds",
                                60,
                                "dist_silence_seconds",
                                2.5,
                                "dist_timeout_seconds",
                                600))
                        .group())
                .isEqualTo(new GroupConfig(
                        "tcp://node0:4000",
                        "gloo",
                        Duration.ofSeconds(60),
                        Duration.ofMillis(2500),
                        Duration.ofSeconds(600)));
        assertProblems(
                Map.of(
                        "dist_url",
                        "file:///tmp/store",
                        "dist_backend",
                        "mpi",
                        "dist_join_seconds",
                        0,
                        "dist_silence_seconds",
                        0.5,
                        "dist_timeout_seconds",
                        -1),
                "run.dist_url must be env:// or tcp://HOST:PORT, got \"file:///tmp/store\"",
                "run.dist_backend must be gloo, nccl or null, got \"mpi\"",
                "run.dist_join_seconds must be above 0, got 0.0",
                "run.dist_silence_seconds must be from 1.0 to 3600.0, got 0.5",
                "run.dist_timeout_seconds must be above 0, got -1.0");
    }

    @Test
    void everyWrongValueIsReportedAtOnce() {
        assertProblems(
                Map.ofEntries(
                        Map.entry("task", " "),
                        Map.entry("seed", -1),
                        Map.entry("max_epoch", 0),
                        Map.entry("lr_decay_rate", 0),
                        Map.entry("weight_decay", -0.1),
                        Map.entry("beta2", 1),
                        Map.entry("lr_layer_decay", 1.5),
                        Map.entry("accum_grad_iters", 0),
                        Map.entry("accum_normalization", "token"),
                        Map.entry("amp_dtype", "fp16"),
                        Map.entry("on_non_finite", "stopp"),
                        Map.entry("max_non_finite_steps", 0),
                        Map.entry("grad_norm_clip", 0),
                        Map.entry("batch_size_train", 0),
                        Map.entry("batch_size_eval", -2),
                        Map.entry("num_workers", -1),
                        Map.entry("max_broken_share", 1.5),
                        Map.entry("on_broken_eval", "skipp"),
                        Map.entry("log_freq", 0),
                        Map.entry("val_freq", 0),
                        Map.entry("save_freqs", 1),
                        Map.entry("valid_splits", List.of("val", "val"))),
                "run.max_epoch must be at least 1, got 0",
                "run.lr_decay_rate must be above 0, got 0.0",
                "run.weight_decay must be 0 or more, got -0.1",
                "run.beta2 must be at least 0 and below 1, got 1.0",
                "run.lr_layer_decay must be above 0 and up to 1, got 1.5",
                "run.accum_grad_iters must be at least 1, got 0",
                "run.accum_normalization is \"token\", which is unknown; did you mean tokens? Known are [mean, tokens]",
                "run.amp_dtype is fp16, and run.amp is False; set run.amp=True or remove amp_dtype",
                "run.on_non_finite is \"stopp\", which is unknown; did you mean stop? Known are [skip, stop]",
                "run.max_non_finite_steps must be at least 1, got 0",
                "run.grad_norm_clip must be above 0, got 0.0",
                "run.batch_size_train must be at least 1, got 0",
                "run.batch_size_eval must be at least 1, got -2",
                "run.num_workers must be at least 0, got -1",
                "run.max_broken_share must be from 0.0 to 1.0, got 1.5",
                "run.on_broken_eval is \"skipp\", which is unknown; did you mean skip? Known are [fail, skip]",
                "run.log_freq must be at least 1, got 0",
                "run.val_freq must be at least 1, got 0",
                "run.save_freqs is unknown; did you mean save_freq?",
                "run.valid_splits must be a list without repetition, got [val, val]",
                "run.task must be the name of a task, got \" \"",
                "run.seed must be at least 0, got -1");
    }

    @Test
    void whatNeedsAllGradientsIsRefusedWithUpdatesInBackward() {
        assertProblems(
                Map.of(
                        "optimizer_in_backward",
                        true,
                        "accum_grad_iters",
                        4,
                        "accum_normalization",
                        "tokens",
                        "grad_norm_clip",
                        2,
                        "amp",
                        true),
                "run.optimizer_in_backward must be False, as accum_grad_iters is 4 (set run.accum_grad_iters=1) and"
                        + " accum_normalization is tokens (set run.accum_normalization=mean, the same for one batch) and"
                        + " grad_norm_clip is 2.0 (set run.grad_norm_clip=null) and amp is on, and fp16 would scale"
                        + " gradients (set run.amp_dtype=bf16), got true");
        var config = read(Map.of("optimizer_in_backward", true, "amp", true, "amp_dtype", "bf16"));
        assertThat(config.optimization().inBackward()).isTrue();
    }

    @Test
    void namesAreChecked() {
        assertProblems(
                Map.of("lr_sched", "linear_warmup_cosin_lr", "device", "gpu", "runner", "runner_itr", "save_steps", -1),
                "run.lr_sched is \"linear_warmup_cosin_lr\", which is unknown; did you mean linear_warmup_cosine_lr?"
                        + " Known are [constant_lr, linear_warmup_cosine_lr, linear_warmup_step_lr]",
                "run.device must be cpu, cuda, cuda:N or auto, got \"gpu\"",
                "run.runner must be runner_base or runner_iter, got \"runner_itr\"",
                "run.save_steps must be at least 0, got -1");
    }

    @Test
    void aRunIsAsLongAsItsRunnerSays() {
        assertProblems(
                Map.of("max_iters", 5),
                "run.max_iters is of runner_iter; set run.runner=runner_iter, or run.max_iters=null");
        assertProblems(
                Map.of("runner", "runner_iter", "max_iters", 5, "iters_per_inner_epoch", 0),
                "run.max_epoch is of runner_base, and run.runner is runner_iter; set run.max_epoch=null",
                "run.iters_per_inner_epoch must be at least 1, got 0");
        assertProblems(
                Map.of("early_stop_patience", 2),
                "run.early_stop_patience must be null, as there are no valid_splits, got 2");
    }

    @Test
    void whatTrainingNeedsMustBeThere() {
        var empty = Section.root(Map.of("run", Map.of())).section("run");
        assertThat(empty.read(RunConfig::read)).isNull();
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(empty::requireValid)
                .satisfies(e -> assertThat(e.problems())
                        .containsExactlyInAnyOrder(
                                "run.evaluate is missing; expected true or false",
                                "run.task is missing; expected a text",
                                "run.seed is missing; expected a whole number",
                                "run.device is missing; expected a text",
                                "run.output_dir is missing; expected a text",
                                "run.max_epoch is missing; expected a whole number",
                                "run.init_lr is missing; expected a number",
                                "run.min_lr is missing; expected a number",
                                "run.lr_sched is missing; expected one of [linear_warmup_cosine_lr,"
                                        + " linear_warmup_step_lr, constant_lr]",
                                "run.batch_size_train is missing; expected a whole number",
                                "run.batch_size_eval is missing; expected a whole number",
                                "run.num_workers is missing; expected a whole number",
                                "run.train_splits must be a list of splits, as evaluate is false, got null"));
        assertProblems(
                Map.of("train_splits", List.of()),
                "run.train_splits must be a list of splits, as evaluate is false, got []");
    }

    @Test
    void evaluationNeedsNoKeysOfTraining() {
        var run = new TreeMap<>(REQUIRED);
        run.keySet()
                .removeAll(List.of("max_epoch", "init_lr", "min_lr", "lr_sched", "batch_size_train", "train_splits"));
        run.put("evaluate", true);
        var section = Section.root(Map.of("run", run)).section("run");
        var config = section.read(RunConfig::read);
        section.requireValid();
        assertThat(Section.present(config).evaluate()).isTrue();
    }

    @Test
    void mixedPrecisionHas16Bits() {
        assertProblems(
                Map.of("amp", true, "amp_dtype", "fp32"),
                "run.amp_dtype must be fp16 or bf16; fp32 is run.amp=False, got \"fp32\"");
    }
}
