package io.lavis4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.config.Configuration;
import io.lavis4j.estimate.MemoryEstimate;
import io.lavis4j.fakecuda.DeviceModel;
import io.lavis4j.fakecuda.FakeCuda;
import io.lavis4j.fakecuda.OnFakeCuda;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.model.CaptionGenerator;
import io.lavis4j.model.Texts;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.optim.BackwardSteps;
import io.lavis4j.runner.JobConfig;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.GradientCheckpoint.Granularity;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tokenize.Tokenizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Peaks of libtorch's own allocator for models of full size, against what is estimated of them. */
@OnFakeCuda
class FullSizeMemoryTest {

    private static final double MEBI = 1 << 20;
    private static final String IN_BACKWARD = " run.optimizer_in_backward=True run.amp_dtype=bf16";
    private static final String SELECTIVE = " model.recompute_granularity=selective";
    private static final double TOLERANCE = 0.03;
    private static final double ABOVE_IN_BACKWARD =
            0.1; // of a trained encoder's casts some are gone when most is there
    private static final int STEPS = 3; // the optimizer's state is there from the second on

    private final Device cuda = Devices.of("cuda:0");
    private final WeightFiles weights = WeightFiles.in(List.of());

    private static JobConfig config(String file, String... options) {
        return JobConfig.withoutData(Configuration.load(file, List.of(options), name -> null));
    }

    /** The model of a configuration, its parameters of their full size and without values. */
    private DeviceModel model(JobConfig config) {
        var type = (Blip2OptType) config.model();
        var shape = type.config(PublishedShapes.OPT.of(type.optModel(), weights));
        var model = new Blip2Opt(shape, Tokenizer.opt(weights.tokenizer("lavis4j/opt-small")), cuda);
        model.namedParameters().forEach((name, parameter) -> {
            try (var scope = new PointerScope()) {
                parameter.set_data(
                        torch.empty(parameter.shape(), Tensors.options(cuda, Tensors.dtype(parameter)), null));
            }
        });
        return new DeviceModel(model, cuda);
    }

    private static double peak() {
        try (var scope = new PointerScope()) {
            return torch.getDeviceStats((byte) 0).allocated_bytes().peak() / MEBI;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "8, model.vit_precision=fp32",
        "32, model.vit_precision=fp32",
        "8, model.vit_precision=fp16",
        "32, model.vit_precision=fp16",
        "64, model.vit_precision=fp16",
        "4, model.vit_precision=fp32 model.freeze_vit=False model.use_grad_checkpoint=True",
        "2, model.vit_precision=fp32 model.freeze_vit=False model.use_grad_checkpoint=False",
        "4, model.vit_precision=fp32 model.freeze_vit=False model.use_grad_checkpoint=True" + IN_BACKWARD,
        "4, model.vit_precision=fp32 model.freeze_vit=False model.use_grad_checkpoint=True" + SELECTIVE,
        "8, model.vit_precision=fp16" + IN_BACKWARD,
        "16, model.vit_precision=fp16 model.model_type=caption_coco_opt6.7b"
    })
    void trainingTakesWhatIsEstimated(int batch, String settings) {
        var config = training(batch, settings);
        try (var model = model(config)) {
            torch.resetPeakStats((byte) 0);
            train(model, batch, settings);
            var estimate = MemoryEstimate.of(config, true, weights).training();
            assertEstimated(
                    "training " + settings + " batch " + batch,
                    Objects.requireNonNull(estimate).peak().bytes(),
                    settings.contains(IN_BACKWARD) ? ABOVE_IN_BACKWARD : TOLERANCE);
        }
        torch.emptyCache();
    }

    private static JobConfig training(int batch, String settings) {
        var options = new ArrayList<>(List.of(settings.split(" ")));
        options.add("run.batch_size_train=" + batch);
        return config("finetune/caption_sherlock.yaml", options.toArray(String[]::new));
    }

    private static void train(DeviceModel model, int batch, String settings) {
        var texts = Texts.of(Collections.nCopies(batch, "a dog ".repeat(40)));
        var granularity = settings.contains(SELECTIVE) ? Granularity.SELECTIVE : Granularity.FULL;
        try (var blocks = new GradientCheckpoint(GradientCheckpoint.Mode.configured(), granularity)) {
            model.train(
                    settings.contains("freeze_vit=False"),
                    settings.contains("use_grad_checkpoint=True") ? blocks : null);
            try (var steps = settings.contains(IN_BACKWARD) ? new BackwardSteps(model.optimizer()) : null) {
                for (int i = 0; i < STEPS; i++) {
                    try (var scope = new PointerScope()) {
                        if (steps == null) {
                            model.step(texts, batch);
                        } else {
                            model.step(steps, texts, batch);
                        }
                    }
                }
            }
        }
    }

    /** The table of {@code estimate} on a card of 24,000 MiB, of which CUDA itself takes some. */
    @ParameterizedTest
    @CsvSource({
        "64, true, model.vit_precision=fp16",
        "64, true, model.vit_precision=fp32",
        "1, true, model.vit_precision=fp32 model.freeze_vit=False model.use_grad_checkpoint=True",
        "4, false, model.vit_precision=fp32 model.freeze_vit=False model.use_grad_checkpoint=True",
        "1, true, model.vit_precision=fp32 model.freeze_vit=False model.use_grad_checkpoint=False",
        "2, false, model.vit_precision=fp32 model.freeze_vit=False model.use_grad_checkpoint=False",
        "16, true, model.vit_precision=fp16 model.model_type=caption_coco_opt6.7b",
        "32, false, model.vit_precision=fp16 model.model_type=caption_coco_opt6.7b"
    })
    void aGpuHoldsWhatTheTableSays(int batch, boolean fits, String settings) {
        long card = 24_000L << 20;
        var config = training(batch, settings);
        var estimate = MemoryEstimate.of(config, true, weights);
        assertThat(estimate.needed(Objects.requireNonNull(estimate.training())) <= card)
                .isEqualTo(fits);
        FakeCuda.limitMemory(0, card - MemoryEstimate.CUDA_CONTEXT);
        try (var model = model(config)) {
            if (fits) {
                train(model, batch, settings);
            } else {
                assertThatThrownBy(() -> train(model, batch, settings)).hasMessageContaining("out of memory");
            }
        } finally {
            FakeCuda.limitMemory(0, FakeCuda.MEMORY);
        }
        torch.emptyCache();
    }

    @ParameterizedTest
    @CsvSource({"8, fp32", "32, fp32", "32, fp16"})
    void captionsTakeWhatIsEstimated(int batch, String precision) {
        var config = config(
                "evaluate/caption_sherlock.yaml",
                "model.finetuned=x",
                "model.vit_precision=" + precision,
                "run.batch_size_eval=" + batch);
        try (var model = model(config);
                var scope = new PointerScope()) {
            torch.resetPeakStats((byte) 0);
            model.as(CaptionGenerator.class)
                    .generate(
                            model.images(batch),
                            GenerationConfig.lavis().withMinLength(30).withMaxLength(30));
            assertEstimated(
                    "captions " + precision + " batch " + batch,
                    MemoryEstimate.of(config, true, weights).evaluation().peak().bytes(),
                    TOLERANCE);
        }
        torch.emptyCache();
    }

    private static void assertEstimated(String what, long estimated, double above) {
        System.out.printf("%s: %.0f MiB at most, %.0f estimated%n", what, peak(), estimated / MEBI);
        assertThat(estimated / MEBI / peak()).as(what).isBetween(1 - TOLERANCE, 1 + above);
    }
}
