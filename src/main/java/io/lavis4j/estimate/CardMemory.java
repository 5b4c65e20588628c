package io.lavis4j.estimate;

import io.lavis4j.config.Configuration;
import io.lavis4j.runner.JobConfig;
import io.lavis4j.zoo.WeightFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntToLongFunction;

/**
 * Which jobs of the published sizes of BLIP-2 with OPT a GPU can hold, and with what batches: fine-tuning on Sherlock
 * and captions, at 364 px.
 *
 * @param available bytes of the GPU
 * @param rows by job
 */
public record CardMemory(long available, List<Row> rows) {

    /** The batch sizes that are looked at. */
    public static final List<Integer> BATCHES = List.of(1, 2, 4, 8, 16, 32, 48, 64);

    private static final String TRAINING = "finetune/caption_sherlock.yaml";
    private static final String CAPTIONS = "evaluate/caption_sherlock.yaml";
    private static final String OPT_6_7B = "model.model_type=caption_coco_opt6.7b";
    private static final String FP32 = "model.vit_precision=fp32";
    private static final String FP16 = "model.vit_precision=fp16";
    private static final String TRAINED = "model.freeze_vit=False";
    private static final String RECOMPUTED = "model.use_grad_checkpoint=True";
    private static final String KEPT = "model.use_grad_checkpoint=False";
    private static final String CHECKPOINT = "model.finetuned=unread";
    private static final int MOST = 1 << 14;

    private static final List<Job> JOBS = List.of(
            new Job("OPT-2.7b, ViT frozen in fp32", TRAINING, List.of(FP32)),
            new Job("OPT-2.7b, ViT frozen in fp16", TRAINING, List.of(FP16)),
            new Job("OPT-2.7b, ViT trained, checkpointing", TRAINING, List.of(FP32, TRAINED, RECOMPUTED)),
            new Job("OPT-2.7b, ViT trained", TRAINING, List.of(FP32, TRAINED, KEPT)),
            new Job("OPT-6.7b, ViT frozen in fp32", TRAINING, List.of(FP32, OPT_6_7B)),
            new Job("OPT-6.7b, ViT frozen in fp16", TRAINING, List.of(FP16, OPT_6_7B)),
            new Job("OPT-6.7b, ViT trained, checkpointing", TRAINING, List.of(FP32, OPT_6_7B, TRAINED, RECOMPUTED)),
            new Job("captions, OPT-2.7b, ViT in fp32", CAPTIONS, List.of(CHECKPOINT, FP32)),
            new Job("captions, OPT-2.7b, ViT in fp16", CAPTIONS, List.of(CHECKPOINT, FP16)),
            new Job("captions, OPT-6.7b, ViT in fp16", CAPTIONS, List.of(CHECKPOINT, FP16, OPT_6_7B)));

    /** A job by the settings that make it of a shipped one. */
    private record Job(String name, String file, List<String> settings) {

        /** Bytes needed by batch size. */
        IntToLongFunction needed() {
            var config = JobConfig.withoutData(Configuration.load(file, settings, variable -> null));
            var shape = Objects.requireNonNull(config.model().shape(WeightFiles.in(List.of())), name);
            var weights = PartWeights.of(shape, true);
            boolean trains = !config.run().evaluate();
            return size -> {
                var step = trains ? MemoryEstimate.step(config, size) : null;
                var estimate = MemoryEstimate.of(shape, weights, true, step, MemoryEstimate.batch(config, size));
                var training = estimate.training();
                return estimate.needed(training == null ? estimate.evaluation() : training);
            };
        }
    }

    /**
     * A job.
     *
     * @param name in words
     * @param needed bytes for each of {@link #BATCHES}
     * @param largest batch that fits; 0 if none does
     */
    public record Row(String name, List<Long> needed, int largest) {
        public Row {
            needed = List.copyOf(needed);
        }
    }

    public CardMemory {
        rows = List.copyOf(rows);
    }

    /** Of a GPU with so many bytes. */
    public static CardMemory of(long available) {
        var rows = new ArrayList<Row>();
        for (var job : JOBS) {
            var needed = job.needed();
            var sizes = BATCHES.stream().map(size -> needed.applyAsLong(size)).toList();
            rows.add(new Row(job.name(), sizes, largest(needed, available)));
        }
        return new CardMemory(available, rows);
    }

    /** Halves what is between a batch that fits and one that does not. */
    private static int largest(IntToLongFunction needed, long available) {
        int fits = 0, tooLarge = MOST;
        while (tooLarge - fits > 1) {
            int between = (fits + tooLarge) / 2;
            if (needed.applyAsLong(between) <= available) {
                fits = between;
            } else {
                tooLarge = between;
            }
        }
        return fits;
    }
}
