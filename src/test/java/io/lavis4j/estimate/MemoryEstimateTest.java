package io.lavis4j.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.lavis4j.config.Configuration;
import io.lavis4j.runner.JobConfig;
import io.lavis4j.tensor.Devices;
import io.lavis4j.zoo.ModelZoo;
import io.lavis4j.zoo.WeightFiles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class MemoryEstimateTest {

    private static final String SHERLOCK = "finetune/caption_sherlock.yaml";
    private static final double MEBI = 1 << 20;
    private static final double TOLERANCE = 0.02;

    private static MemoryEstimate estimate(String file, String... options) {
        var config = JobConfig.withoutData(Configuration.load(file, Arrays.asList(options), name -> null));
        return MemoryEstimate.of(config, true, WeightFiles.in(List.of()));
    }

    private static Pass training(MemoryEstimate estimate) {
        return Objects.requireNonNull(estimate.training());
    }

    /** Peaks of the allocator in the third step, 364 px, texts of 32 tokens, mixed precision. */
    @ParameterizedTest
    @CsvSource({
        "8, 11868, model.vit_precision=fp32",
        "32, 15985, model.vit_precision=fp32",
        "8, 9921, model.vit_precision=fp16",
        "32, 13994, model.vit_precision=fp16",
        "64, 19353, model.vit_precision=fp16",
        "1, 22135, model.vit_precision=fp32 model.freeze_vit=False model.use_grad_checkpoint=True",
        "4, 22261, model.vit_precision=fp32 model.freeze_vit=False model.use_grad_checkpoint=True",
        "1, 22126, model.vit_precision=fp32 model.freeze_vit=False model.use_grad_checkpoint=False",
        "2, 23028, model.vit_precision=fp32 model.freeze_vit=False model.use_grad_checkpoint=False",
        "4, 17086, model.vit_precision=fp16 model.model_type=caption_coco_opt6.7b",
        "16, 20006, model.vit_precision=fp16 model.model_type=caption_coco_opt6.7b"
    })
    void trainingNeedsWhatWasMeasured(int batchSize, double mebibytes, String settings) {
        var options = new ArrayList<>(List.of("run.batch_size_train=" + batchSize));
        options.addAll(List.of(settings.split(" ")));
        double found = training(estimate(SHERLOCK, options.toArray(String[]::new)))
                        .peak()
                        .bytes()
                / MEBI;
        assertThat(found / mebibytes).isCloseTo(1, within(TOLERANCE));
    }

    @ParameterizedTest
    @CsvSource({"8, 9867", "32, 11475"})
    void captionsNeedWhatWasMeasured(int batchSize, double mebibytes) {
        var estimate = estimate(
                "evaluate/caption_sherlock.yaml",
                "model.finetuned=x",
                "model.vit_precision=fp32",
                "run.batch_size_eval=" + batchSize);
        double found = estimate.evaluation().peak().bytes() / MEBI;
        assertThat(estimate.training()).isNull();
        assertThat(found / mebibytes).isCloseTo(1, within(TOLERANCE));
    }

    @Test
    void aCardOf24000MebibytesHoldsWhatFittedOnIt() {
        long card = 24_000L << 20;
        var fits = estimate(SHERLOCK, "run.batch_size_train=48", "model.vit_precision=fp32");
        assertThat(fits.needed()).isLessThan(card);
        var tooMuch = estimate(SHERLOCK, "run.batch_size_train=80", "model.vit_precision=fp32");
        assertThat(tooMuch.needed()).as("ran out of memory").isGreaterThan(card);
        var half = estimate(SHERLOCK, "run.batch_size_train=64");
        assertThat(half.needed()).isLessThan(card);
    }

    @Test
    void gradientsOfEarlierBatchesAreThereWhenBackwardBegins() {
        var plain = training(estimate(SHERLOCK));
        var accumulating = training(estimate(SHERLOCK, "run.accum_grad_iters=4"));
        long gradients = sum(plain, Part::gradients);
        assertThat(accumulating.peak().bytes() - plain.peak().bytes()).isEqualTo(gradients);
    }

    @Test
    void updatesInBackwardLeaveABucketOfGradients() {
        String[] settings = {
            "run.batch_size_train=1",
            "run.amp_dtype=bf16",
            "model.vit_precision=fp32",
            "model.freeze_vit=False",
            "model.use_grad_checkpoint=True"
        };
        var plain = training(estimate(SHERLOCK, settings));
        var with = Stream.concat(Stream.of(settings), Stream.of("run.optimizer_in_backward=True"))
                .toArray(String[]::new);
        var inBackward = training(estimate(SHERLOCK, with));
        double bucket = 32 + 1408 * 6144 * 4 / MEBI; // and the largest matrix of EVA-g
        assertThat(sum(plain, Part::gradients) / MEBI).isGreaterThan(4000);
        assertThat(sum(inBackward, Part::gradients) / MEBI).isCloseTo(bucket, within(1.0));
        assertThat((plain.peak().bytes() - inBackward.peak().bytes()) / MEBI)
                .as("until backward begins, with autocast's copies")
                .isBetween(1500.0, 2500.0);
        assertThat(sum(inBackward, Part::lasting)).isEqualTo(sum(plain, Part::lasting));
    }

    @Test
    void aProductOfEachBlockIsKeptBesideItsInput() {
        String[] settings = {"run.batch_size_train=2", "model.vit_precision=fp32", "model.freeze_vit=False"};
        var full = Stream.concat(Stream.of(settings), Stream.of("model.use_grad_checkpoint=True"));
        var selective = Stream.concat(
                Stream.of(settings),
                Stream.of("model.use_grad_checkpoint=True", "model.recompute_granularity=selective"));
        long kept = sum(training(estimate(SHERLOCK, selective.toArray(String[]::new))), Part::activations)
                - sum(training(estimate(SHERLOCK, full.toArray(String[]::new))), Part::activations);
        assertThat(kept).as("in 16 bits").isEqualTo(39L * 2 * (1 + 26 * 26) * 6144 * 2);
    }

    @Test
    void autocastCopiesWhatCanBeTrainedInEvaluationToo() {
        long frozen = sum(estimate(SHERLOCK).evaluation(), Part::casts);
        long trained = sum(
                estimate(SHERLOCK, "model.vit_precision=fp32", "model.freeze_vit=False")
                        .evaluation(),
                Part::casts);
        assertThat((trained - frozen) / MEBI).isCloseTo(3764 / 2.0, within(5.0));
    }

    private static long sum(Pass pass, ToLongFunction<Part> bytes) {
        return pass.parts().stream().mapToLong(bytes).sum();
    }

    @Test
    void aCpuStoresFp16AsFp32AndKeepsBf16() {
        var options = List.of("model.arch=blip2_t5", "model.model_type=caption_coco_flant5xl", "model.finetuned=x");
        for (boolean t5 : new boolean[] {false, true}) {
            var config = JobConfig.withoutData(Configuration.load(SHERLOCK, t5 ? options : List.of(), name -> null));
            var weights = WeightFiles.in(List.of());
            long onCpu = weights(MemoryEstimate.of(config, false, weights), "language model");
            long onGpu = weights(MemoryEstimate.of(config, true, weights), "language model");
            assertThat(onCpu).isEqualTo(t5 ? onGpu : 2 * onGpu);
        }
    }

    private static long weights(MemoryEstimate estimate, String part) {
        return estimate.evaluation().parts().stream()
                .filter(each -> each.name().equals(part))
                .mapToLong(Part::weights)
                .sum();
    }

    static Stream<Arguments> published() {
        return StreamSupport.stream(new ModelZoo().spliterator(), false)
                .flatMap(architecture ->
                        architecture.published().stream().map(type -> arguments(architecture.name(), type)));
    }

    /** Of every kind of model all parameters are in a part, and more samples take more memory. */
    @ParameterizedTest
    @MethodSource("published")
    void everyPublishedTypeHasAnEstimate(String architecture, String type) {
        var shape = Objects.requireNonNull(
                new ModelZoo().get(architecture).type(type).shape(WeightFiles.in(List.of())));
        var weights = PartWeights.of(shape, true);
        var batch = new EvaluationMemory.Batch(8, 4, 5, 30);
        var one = MemoryEstimate.of(shape, weights, true, new TrainingMemory.Step(1, true, false, false), batch);
        var many = MemoryEstimate.of(shape, weights, true, new TrainingMemory.Step(64, true, false, false), batch);
        try (var tree = shape.create(Devices.cpu())) {
            assertThat(sum(training(one), Part::parameters)).isEqualTo(tree.numParameters());
        }
        long lasting = sum(training(one), Part::lasting);
        assertThat(training(one).peak().bytes()).isGreaterThan(lasting);
        assertThat(training(many).peak().bytes())
                .isGreaterThan(training(one).peak().bytes());
    }
}
