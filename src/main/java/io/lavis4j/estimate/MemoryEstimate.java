package io.lavis4j.estimate;

import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.runner.JobConfig;
import io.lavis4j.task.CaptioningTask;
import io.lavis4j.zoo.ModelShape;
import io.lavis4j.zoo.WeightFiles;
import org.jspecify.annotations.Nullable;

/**
 * Memory of a job: of its training steps, if it trains, and of its evaluation.
 *
 * <p>Texts are taken to be as long as they may be, prompts of generation to have a token for every four characters.
 *
 * @param gpu whether it is a GPU's
 * @param training {@code null} for a job that only evaluates
 * @param evaluation of a batch: its loss, and words written for it
 * @param features bytes of the vision features that are kept in the machine's memory, as far as their number is known
 */
public record MemoryEstimate(boolean gpu, @Nullable Pass training, Pass evaluation, long features) {

    /** Bytes that CUDA takes for itself: its kernels and the libraries' work space. */
    public static final long CUDA_CONTEXT = 500L << 20;

    /** Bytes of Java, libtorch and what else a process on a CPU has beside tensors. */
    public static final long PROCESS = 400L << 20;

    private static final int CHARACTERS_PER_TOKEN = 4;

    /**
     * Estimates a job.
     *
     * @param gpu whether it is to run on a GPU
     * @param weights where a language model's {@code config.json} may lie; nothing else is read
     * @throws IllegalArgumentException if the shape of its model is not known
     */
    public static MemoryEstimate of(JobConfig config, boolean gpu, WeightFiles weights) {
        var shape = config.model().shape(weights);
        if (shape == null) {
            throw new IllegalArgumentException(
                    "the memory of %s cannot be estimated: its shape is not known without its files"
                            .formatted(config.model().getClass().getSimpleName()));
        }
        var loading = config.run().loading();
        var step = config.run().evaluate() ? null : step(config, loading.batchSizeTrain());
        return of(shape, PartWeights.of(shape, gpu), gpu, step, batch(config, loading.batchSizeEval()));
    }

    /** A training step of a job with another batch size. */
    static TrainingMemory.Step step(JobConfig config, int batchSize) {
        var optimization = config.run().optimization();
        return new TrainingMemory.Step(
                batchSize, optimization.amp().on(), optimization.accumulation().iters() > 1, optimization.inBackward());
    }

    /** A batch of a job's evaluation with another size. */
    static EvaluationMemory.Batch batch(JobConfig config, int batchSize) {
        var generation = config.task() instanceof CaptioningTask captioning
                ? captioning.config().generation()
                : GenerationConfig.lavis();
        return new EvaluationMemory.Batch(
                batchSize,
                1 + config.model().prompt().length() / CHARACTERS_PER_TOKEN,
                generation.numBeams(),
                generation.maxLength());
    }

    static MemoryEstimate of(
            ModelShape shape,
            PartWeights weights,
            boolean gpu,
            TrainingMemory.@Nullable Step step,
            EvaluationMemory.Batch batch) {
        var training =
                step == null ? null : new TrainingMemory(new Arithmetic(shape, gpu, step.amp()), weights, step).pass();
        return new MemoryEstimate(
                gpu,
                training,
                new EvaluationMemory(new Arithmetic(shape, gpu, false), weights, batch, step != null).pass(),
                0);
    }

    /**
     * The same with vision features that are kept.
     *
     * @param bytes of all
     */
    public MemoryEstimate withFeatures(long bytes) {
        return new MemoryEstimate(gpu, training, evaluation, bytes);
    }

    /** Bytes that the device must have: the most that tensors take at once, and what comes on top. */
    public long needed(Pass pass) {
        return pass.peak().bytes() + (gpu ? pass.gaps() + CUDA_CONTEXT : PROCESS + features);
    }

    /** The larger one of training and evaluation. */
    public long needed() {
        return Math.max(training == null ? 0 : needed(training), needed(evaluation));
    }

    /** This batch of images and the next, which is on its way. */
    static long images(ModelShape shape, long batchSize) {
        long side = shape.blip2().vision().imageSize();
        return 2 * batchSize * 3 * side * side * Numbers.FLOAT;
    }
}
