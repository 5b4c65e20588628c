package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.config.Configuration;
import io.lavis4j.dataset.Share;
import io.lavis4j.distributed.Processes;
import io.lavis4j.golden.TestDevice;
import io.lavis4j.io.JsonFields;
import io.lavis4j.io.JsonFile;
import io.lavis4j.model.blip2.Blip2Config;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.model.blip2.Blip2OptConfig;
import io.lavis4j.model.evavit.EvaVitConfig;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.model.qformer.QFormerConfig;
import io.lavis4j.task.RunListener;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.zoo.ModelAndPreprocess;
import io.lavis4j.zoo.WeightFiles;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs of 40 steps on the mini corpus in float32 and in mixed precision, from the same weights, on the same batches and
 * without dropout: the losses are the same. The rate is a tenth of the corpus's own, which overshoots, so that the
 * smallest difference grows.
 */
class MixedPrecisionCurveTest {

    private static final int EPOCH = 8;
    private static final int STEPS = 5 * EPOCH;
    private static final int IMAGE_SIZE = 84;
    private static final int NUM_QUERIES = 8;
    private static final double TOLERANCE = 1e-3;
    private static final double TOLERANCE_BF16 = 8 * TOLERANCE; // three bits less than fp16

    private final Path opt = WeightFiles.in(List.of()).model("lavis4j/opt-small");

    @TempDir
    private Path outputs = Path.of("");

    private @Nullable ModelAndPreprocess<?> start;

    @BeforeEach
    void drawWeights() {
        RandomState.seed(1);
        start = ModelAndPreprocess.load("blip2_opt", "small", Devices.cpu());
    }

    @AfterEach
    void close() {
        if (start != null) {
            start.close();
        }
    }

    private Map<String, Tensor> weights() {
        return Objects.requireNonNull(start).model().module().stateDict();
    }

    /** Keeps the loss of each training step. */
    private static final class Losses implements RunListener {
        private final List<Double> values = new ArrayList<>();

        @Override
        public void step(Progress progress) {
            values.add(progress.loss());
        }

        @Override
        public void end(Progress progress) {}
    }

    private Blip2OptConfig config(Precision precision, boolean useGradCheckpoint) {
        var vision = EvaVitConfig.small(IMAGE_SIZE, 0);
        var qformer = JsonFields.with(QFormerConfig.small(NUM_QUERIES, vision.numFeatures()), Map.of("dropout", 0.0));
        var shape = JsonFile.of(opt.resolve("config.json"), "OPT's config").tree();
        return new Blip2OptConfig(
                new Blip2Config(
                        vision, Blip2Config.LN_VISION_EPS, qformer, 32, false, useGradCheckpoint, Precision.FP32),
                OptConfig.of(shape).withDropout(0),
                "Inference:",
                precision);
    }

    /** The losses of a run in the directory {@code name}, with mixed precision unless {@code precision} is fp32. */
    private List<Double> train(String name, Device device, Precision precision, boolean useGradCheckpoint) {
        var losses = new Losses();
        var amp = precision == Precision.FP32
                ? List.of("run.amp=False")
                : List.of("run.amp=True", "run.amp_dtype=" + precision);
        var options = new ArrayList<>(List.of(
                "data_root=src/test/resources/sherlock_mini",
                "run.output_dir=" + outputs.resolve(name),
                "run.max_epoch=5",
                "run.init_lr=1e-4",
                "run.log_freq=1",
                "run.valid_splits=[]"));
        options.addAll(amp);
        var job = JobConfig.read(Configuration.load("finetune/caption_sherlock_mini.yaml", options, none -> null));
        var stored = device.is_cpu() ? Precision.FP32 : precision;
        try (var model = Blip2Opt.open(config(stored, useGradCheckpoint), opt, device)) {
            model.load(weights()).requireComplete(name);
            try (var data = JobData.read(job, Share.WHOLE).loaders(device, model::prepare);
                    var runner = new RunnerBase(
                            job.run(),
                            job.task(),
                            model,
                            data,
                            losses,
                            job.source(),
                            new StopRequest(),
                            Processes.alone())) {
                runner.train(RunDirectory.create(job.run().outputDir(), LocalDateTime.of(2026, 1, 1, 0, 0)));
            }
        }
        assertThat(losses.values).hasSize(STEPS);
        return losses.values;
    }

    private static double mean(List<Double> losses) {
        return losses.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }

    private static void print(String name, List<Double> losses) {
        String every = IntStream.range(0, STEPS)
                .filter(step -> step % 5 == 0 || step == STEPS - 1)
                .mapToObj(step -> String.format(Locale.ROOT, "%.5f", losses.get(step)))
                .collect(Collectors.joining(" "));
        System.out.printf("loss at steps 0, 5, ..., 35, 39, %-36s %s%n", name + ":", every);
    }

    private static void assertSame(String name, List<Double> losses, List<Double> expected, double tolerance) {
        for (int step = 0; step < STEPS; step++) {
            assertThat(losses.get(step))
                    .as("%s, loss of step %d", name, step)
                    .isCloseTo(expected.get(step), Offset.offset(tolerance));
        }
    }

    private static void assertLearns(List<Double> losses) {
        assertThat(mean(losses.subList(STEPS - EPOCH, STEPS)))
                .as("mean loss of the last epoch")
                .isLessThan(0.9 * mean(losses.subList(0, EPOCH)));
    }

    @Test
    void theLossesOfACpuInBf16AreThoseOfFloat32() {
        var cpu = Devices.cpu();
        var expected = train("CPU, fp32", cpu, Precision.FP32, false);
        var mixed = train("CPU, bf16", cpu, Precision.BF16, false);
        var recomputed = train("CPU, bf16, recomputed", cpu, Precision.BF16, true);

        print("CPU, fp32", expected);
        print("CPU, bf16", mixed);
        print("CPU, bf16, recomputed", recomputed);
        assertLearns(expected);
        assertSame("CPU, bf16", mixed, expected, TOLERANCE_BF16);
        assertThat(mixed.get(0)).as("the first loss, rounded on its way").isNotEqualTo(expected.get(0));
        assertThat(recomputed).as("blocks are recomputed in bf16").isEqualTo(mixed);
    }

    @Test
    void theLossesAreThoseOfFloat32() {
        TestDevice.assumeGpu("its mixed precision is compared");
        var gpu = TestDevice.device();
        var expected = train("CPU, fp32", Devices.cpu(), Precision.FP32, false);
        var curves = new LinkedHashMap<String, List<Double>>();
        curves.put("GPU, fp32", train("GPU, fp32", gpu, Precision.FP32, false));
        curves.put("GPU, amp", train("GPU, amp", gpu, Precision.FP16, false));
        curves.put("GPU, amp, recomputed", train("GPU, amp, recomputed", gpu, Precision.FP16, true));

        print("CPU, fp32", expected);
        curves.forEach(MixedPrecisionCurveTest::print);
        assertLearns(expected);
        curves.forEach((name, losses) -> assertSame(name, losses, expected, TOLERANCE));
    }
}
