package io.lavis4j.runner;

import io.lavis4j.config.Checks;
import io.lavis4j.config.Section;
import io.lavis4j.dataset.LoaderConfig;
import io.lavis4j.dataset.OnBroken;
import io.lavis4j.dataset.Share;
import io.lavis4j.distributed.GroupConfig;
import io.lavis4j.features.FeatureCacheConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The runner's part of the {@code run} section, by LAVIS's keys and with its defaults; the rest is the task's.
 *
 * <p>How many processes there are, and which of them this is, the environment says, as in LAVIS: {@code distributed},
 * {@code world_size}, {@code rank} and {@code gpu} are accepted and change nothing. {@code train_dataset_ratios} is
 * read by {@link DataConfig}.
 *
 * @param task name of the task
 * @param seed of everything random
 * @param deterministic ours: on a GPU only algorithms that repeat their numbers, which are slower; false by default
 * @param device cpu, cuda, cuda:N, or auto; whether there is such a device is not checked here
 * @param group how the processes of the run find and watch one another
 * @param outputDir where each run makes a folder of its own; relative to the working directory
 * @param evaluate evaluates and does not train; {@code optimization} then has no required keys
 * @param optimization steps of the optimizer
 * @param loading batches and the samples they are made of
 * @param splits what is trained on, validated and tested
 * @param sharing among several processes
 * @param length when the run ends
 * @param frequencies when something is logged, validated and saved
 * @param stepCheckpoints between those of epochs
 * @param featureCache vision features that training keeps
 * @param resumeCkptPath checkpoint of a run that is to go on, or, in evaluation, whose weights are evaluated;
 *     {@code null} for none
 */
public record RunConfig(
        String task,
        int seed,
        boolean deterministic,
        String device,
        GroupConfig group,
        Path outputDir,
        boolean evaluate,
        Optimization optimization,
        Loading loading,
        Splits splits,
        Sharing sharing,
        RunLength length,
        Frequencies frequencies,
        StepCheckpoints stepCheckpoints,
        FeatureCacheConfig featureCache,
        @Nullable String resumeCkptPath) {

    private static final String TRAIN_SPLITS = "a list of splits, as evaluate is false";
    private static final List<String> OF_SEVERAL_PROCESSES = List.of("distributed", "world_size", "rank", "gpu");

    public RunConfig {
        checks(task, seed, device)
                .that(evaluate || !splits.train().isEmpty(), "train_splits", TRAIN_SPLITS, splits.train())
                .done();
    }

    /** The same with other splits. */
    RunConfig withSplits(Splits other) {
        return new RunConfig(
                task,
                seed,
                deterministic,
                device,
                group,
                outputDir,
                evaluate,
                optimization,
                loading,
                other,
                sharing,
                length,
                frequencies,
                stepCheckpoints,
                featureCache,
                resumeCkptPath);
    }

    /** The same without training. */
    RunConfig forEvaluation() {
        return new RunConfig(
                task,
                seed,
                deterministic,
                device,
                group,
                outputDir,
                true,
                optimization,
                loading,
                splits,
                sharing,
                length,
                frequencies,
                stepCheckpoints,
                featureCache,
                resumeCkptPath);
    }

    /**
     * The checkpoint of {@code resume_ckpt_path}; {@code null} for none.
     *
     * @throws IllegalArgumentException if there is no such file
     */
    @Nullable
    Path checkpointToResume() {
        var file = resumeCkptPath == null ? null : Path.of(resumeCkptPath);
        if (file != null && !Files.isRegularFile(file)) {
            throw new IllegalArgumentException(
                    "run.resume_ckpt_path is %s, and there is no such file; expected a checkpoint of a run, as RUN/checkpoint_2.pth"
                            .formatted(file));
        }
        return file;
    }

    private static Checks checks(String task, int seed, String device) {
        return new Checks()
                .that(!task.isBlank(), "task", "the name of a task", task)
                .atLeast("seed", seed, 0)
                .that(device.matches("cpu|cuda(:\\d+)?|auto"), "device", "cpu, cuda, cuda:N or auto", device);
    }

    /** Epochs of the learning rate's schedule, which are those to train; with {@code runner_iter} inner epochs. */
    public int maxEpoch() {
        return optimization.schedule().maxEpoch();
    }

    /**
     * How a process loads the samples of its splits.
     *
     * @param training of those that it trains on
     * @param processes all of which evaluate everything unless evaluation is shared, too
     */
    public LoaderConfig loader(boolean training, Share processes) {
        return new LoaderConfig(
                        training ? loading.batchSizeTrain() : loading.batchSizeEval(),
                        loading.numWorkers(),
                        training,
                        training,
                        seed,
                        training ? loading.onBrokenTrain() : loading.onBrokenEval(),
                        loading.maxBrokenShare())
                .with(training || sharing.evaluation() ? processes : Share.WHOLE);
    }

    /** Whether a segment of the run is followed by a validation. */
    boolean isValidated(int segment) {
        return !splits.valid().isEmpty() && segment % frequencies.valFreq() == 0;
    }

    /**
     * Batches and samples.
     *
     * @param batchSizeTrain samples per training batch
     * @param batchSizeEval samples per batch of other splits
     * @param numWorkers threads that load samples; 0 loads them where they are used
     * @param onBrokenTrain ours: broken samples in training, {@code skip} by default
     * @param onBrokenEval ours: broken samples of other splits, {@code fail} by default
     * @param maxBrokenShare ours: largest share of broken samples in a split, 0 to 1, 0.01 by default
     */
    public record Loading(
            int batchSizeTrain,
            int batchSizeEval,
            int numWorkers,
            OnBroken onBrokenTrain,
            OnBroken onBrokenEval,
            double maxBrokenShare) {

        public Loading {
            new Checks()
                    .atLeast("batch_size_train", batchSizeTrain, 1)
                    .atLeast("batch_size_eval", batchSizeEval, 1)
                    .atLeast("num_workers", numWorkers, 0)
                    .between("max_broken_share", maxBrokenShare, 0, 1)
                    .done();
        }

        private static Loading read(Section run, boolean training) {
            int batchSizeEval = run.integer("batch_size_eval");
            return new Loading(
                    training
                            ? run.integer("batch_size_train")
                            : run.integer("batch_size_train", Math.max(batchSizeEval, 1)),
                    batchSizeEval,
                    run.integer("num_workers"),
                    run.choice("on_broken_train", OnBroken.SKIP),
                    run.choice("on_broken_eval", OnBroken.FAIL),
                    run.number("max_broken_share", 0.01));
        }
    }

    /**
     * Names of splits, none by default; evaluation alone takes the test splits only.
     *
     * @param train trained on
     * @param valid validated after epochs
     * @param test tested after training
     */
    public record Splits(List<String> train, List<String> valid, List<String> test) {

        public Splits {
            train = List.copyOf(train);
            valid = List.copyOf(valid);
            test = List.copyOf(test);
            new Checks()
                    .that(distinct(train), "train_splits", "a list without repetition", train)
                    .that(distinct(valid), "valid_splits", "a list without repetition", valid)
                    .that(distinct(test), "test_splits", "a list without repetition", test)
                    .done();
        }

        private static boolean distinct(List<String> splits) {
            return splits.stream().distinct().count() == splits.size();
        }

        private static Splits read(Section run) {
            return new Splits(run.strings("train_splits"), run.strings("valid_splits"), run.strings("test_splits"));
        }
    }

    /**
     * What happens beside training, and when.
     *
     * @param logFreq training iterations between two lines of the log
     * @param valFreq epochs, or inner epochs, between two validations
     * @param saveFreq epochs between two checkpoints that stay; 0 or less for none. All inner epochs' stay.
     * @param saveLast keeps the checkpoint at the end
     * @param tensorboard ours: writes event files for TensorBoard, as it does by default
     */
    public record Frequencies(int logFreq, int valFreq, int saveFreq, boolean saveLast, boolean tensorboard) {

        public Frequencies {
            new Checks()
                    .atLeast("log_freq", logFreq, 1)
                    .atLeast("val_freq", valFreq, 1)
                    .done();
        }

        private static Frequencies read(Section run) {
            return new Frequencies(
                    run.integer("log_freq", 50),
                    run.integer("val_freq", 1),
                    run.integer("save_freq", 5),
                    run.flag("save_last", true),
                    run.flag("tensorboard", true));
        }
    }

    /**
     * Reads the runner's keys. The task's are in the same section: one {@link Section#read} goes around both readers,
     * as {@link Section} shows.
     */
    public static RunConfig read(Section run) {
        OF_SEVERAL_PROCESSES.forEach(run::ignore);
        run.ignore("train_dataset_ratios");
        boolean evaluate = run.flag("evaluate");
        var length = run.read(section -> RunLength.read(section, !evaluate));
        var iterations = length == null ? null : length.iterations();
        var optimization = run.read(section -> Optimization.read(section, iterations, !evaluate));
        var loading = run.read(section -> Loading.read(section, !evaluate));
        var splits = run.read(Splits::read);
        var sharing = run.read(Sharing::read);
        var group = run.read(GroupConfig::read);
        var frequencies = run.read(Frequencies::read);
        var stepCheckpoints = run.read(StepCheckpoints::read);
        var featureCache = run.read(FeatureCacheConfig::read);
        String task = run.string("task"), device = run.string("device");
        var outputDir = run.file("output_dir", run.string("output_dir"));
        int seed = run.integer("seed");
        boolean deterministic = run.flag("deterministic", false);
        var resume = run.file("resume_ckpt_path");
        run.check(checks(task, seed, device));
        run.check(resume == null || !resume.toString().isEmpty(), "resume_ckpt_path", "a checkpoint of a run, or null");
        run.check(evaluate || !run.strings("train_splits").isEmpty(), "train_splits", TRAIN_SPLITS);
        return new RunConfig(
                task,
                seed,
                deterministic,
                device,
                Section.present(group),
                Section.present(outputDir),
                evaluate,
                Section.present(optimization),
                Section.present(loading),
                Section.present(splits),
                Section.present(sharing),
                Section.present(length),
                Section.present(frequencies),
                Section.present(stepCheckpoints),
                Section.present(featureCache),
                resume == null ? null : resume.toString());
    }
}
