package io.lavis4j.runner;

import io.lavis4j.config.Configuration;
import io.lavis4j.dataset.Share;
import io.lavis4j.distributed.Processes;
import io.lavis4j.model.blip2.Blip2Config;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.model.blip2.Blip2OptConfig;
import io.lavis4j.model.evavit.EvaVitConfig;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.model.qformer.QFormerConfig;
import io.lavis4j.optim.AdamW;
import io.lavis4j.optim.ParameterGroup;
import io.lavis4j.runner.RunPlan.Position;
import io.lavis4j.task.RunListener;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Libtorch;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tokenize.Tokenizer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/**
 * How much of a training step's time is not libtorch's: Java, JavaCPP, scopes, and the wait for data.
 *
 * <pre>
 * mvn -q -Pjmh compile exec:exec -Dbench.main=io.lavis4j.runner.HostShare -Dbench.args=4
 * </pre>
 *
 * <p>An epoch is trained of a BLIP-2 with four blocks of ViT-g, the Q-Former of BERT-base and three layers of OPT-2.7b,
 * with images of 224 pixels that the loader reads, augments and normalises as always. The Q-Former, whose layers have
 * the least to compute, is whole, so the share of the whole model is below what is found. The argument is the batch
 * size, 4 by default.
 *
 * <p>Two ways to find the share: the Java flight recorder looks every few milliseconds, at any instruction, whether the
 * training thread is in Java or in native code. And the same layers are trained with widths and images so small that
 * next to nothing is computed: that is everything a step costs besides arithmetic, libtorch's own dispatch included.
 */
public final class HostShare {

    private static final Duration PERIOD = Duration.ofMillis(10);
    private static final Path TOKENIZER = Path.of("src/test/resources/golden/j_tokenizers/opt");
    private static final int TEXT_TOKENS = 32;
    private static final int BLOCKS = 4;

    private HostShare() {}

    /** Layers of the same number, as wide as published ones or as narrow as can be. */
    private record Width(int imageSize, EvaVitConfig vit, QFormerConfig qformer, OptConfig opt) {

        static final Width PUBLISHED = new Width(
                224,
                new EvaVitConfig(224, 14, 1408, BLOCKS, 16, 6144, 0, 1e-6),
                QFormerConfig.bertBase(32, 1408),
                new OptConfig(50272, 2560, 3, 32, 10240, 2048, 2560, true, false, 0.1, 1, 2, 2));
        static final Width NARROW = new Width(
                28,
                new EvaVitConfig(28, 14, 16, BLOCKS, 2, 32, 0, 1e-6),
                new QFormerConfig(32, 24, 12, 12, 48, 2, 16, 30523, 512, 1e-12, 0.1),
                new OptConfig(4096, 32, 3, 2, 64, 2048, 32, true, false, 0.1, 1, 2, 2));

        Blip2OptConfig model(boolean frozen) {
            var blip2 = new Blip2Config(vit, 1e-5, qformer, TEXT_TOKENS, frozen, false, Precision.FP32);
            return new Blip2OptConfig(blip2, opt, "", Precision.FP32);
        }
    }

    /** Notes when the first step, which warms up, and the last one have ended. */
    private static final class Clock implements RunListener {

        private Instant start = Instant.MAX;
        private Instant end = Instant.MIN;
        private double seconds;
        private double waited;
        private int steps;
        private long pauses;

        @Override
        public void step(Progress progress) {
            int sign = progress.step() == 1 ? -1 : progress.step() == progress.steps() ? 1 : 0;
            if (sign != 0) {
                start = sign < 0 ? Instant.now() : start;
                end = Instant.now();
                seconds += sign * progress.secondsPerStep() * progress.step();
                waited += sign * progress.dataSecondsPerStep() * progress.step();
                steps += sign * progress.step();
                pauses += sign * collecting();
            }
        }

        @Override
        public void end(Progress progress) {}

        private static long collecting() {
            return ManagementFactory.getGarbageCollectorMXBeans().stream()
                    .mapToLong(collector -> collector.getCollectionTime())
                    .sum();
        }
    }

    /** Prints the shares for a frozen and for a trained vision encoder. */
    public static void main(String[] arguments) throws IOException {
        var folder = Files.createDirectories(Path.of("target/jmh/host"));
        int batch = arguments.length == 0 ? 4 : Integer.parseInt(arguments[0]);
        System.out.printf(
                "ViT-g, %d blocks; Q-Former, 12 layers; OPT-2.7b, 3 layers; fp32, batch of %d, CPU, %d threads%n",
                BLOCKS, batch, Libtorch.threads());
        for (boolean frozen : new boolean[] {true, false}) {
            var file = folder.resolve("samples.jfr");
            try (var recording = new Recording()) {
                recording.enable("jdk.ExecutionSample").withPeriod(PERIOD);
                recording.enable("jdk.NativeMethodSample").withPeriod(PERIOD);
                recording.start();
                var clock = train(Width.PUBLISHED, frozen, batch, folder);
                recording.stop();
                recording.dump(file);
                print(frozen, clock, RecordingFile.readAllEvents(file), train(Width.NARROW, frozen, batch, folder));
            }
        }
    }

    private static Clock train(Width width, boolean frozen, int batch, Path folder) {
        var config = JobConfig.read(Configuration.load(
                "finetune/caption_sherlock_mini.yaml",
                List.of(
                        "data_root=src/test/resources/sherlock_mini",
                        "model.image_size=" + width.imageSize,
                        "datasets.sherlock_caption.vis_processor.train.image_size=" + width.imageSize,
                        "datasets.sherlock_caption.vis_processor.eval.image_size=" + width.imageSize,
                        "run.batch_size_train=" + batch,
                        "run.warmup_steps=0",
                        "run.device=cpu",
                        "run.max_epoch=1",
                        "run.valid_splits=[]"),
                name -> null));
        var clock = new Clock();
        RandomState.seed(42);
        try (var model = new Blip2Opt(width.model(frozen), Tokenizer.opt(TOKENIZER), Devices.cpu())) {
            model.initialize();
            var optimization = config.run().optimization();
            try (var data = JobData.read(config, Share.WHOLE).loaders(Devices.cpu(), model::prepare);
                    var optimizer = new AdamW(
                            ParameterGroup.of(model, model.visualEncoder(), optimization.weightDecay(), 1),
                            1e-5,
                            optimization.beta2());
                    var step = new TrainStep(
                            new TrainStep.Parts(model, config.task(), optimizer, Precision.FP32, null),
                            optimization,
                            Processes.alone())) {
                var plan = RunPlan.of(config.run(), data.training().batchesPerEpoch());
                try (var batches = new TrainingBatches(data.training(), 0, plan.total());
                        var metrics = Metrics.after(0, 0, new RunDirectory(folder), true)) {
                    var loop = new TrainLoop(step, optimization.schedule(), plan, 1, clock, metrics::training);
                    loop.segment(Position.START, TrainLoop.Figures.NONE, batches, (at, raised, figures) -> {});
                }
            }
        }
        return clock;
    }

    private static void print(boolean frozen, Clock clock, List<RecordedEvent> samples, Clock narrow) {
        var frames = new HashMap<String, Integer>();
        int java = 0, inNative = 0;
        for (var sample : samples) {
            var time = sample.getStartTime();
            if (sample.getThread("sampledThread").getJavaThreadId()
                            == Thread.currentThread().getId()
                    && time.isAfter(clock.start)
                    && time.isBefore(clock.end)) {
                if (sample.getEventType().getName().equals("jdk.NativeMethodSample")) {
                    inNative++;
                } else {
                    java++;
                    var method = sample.getStackTrace().getFrames().get(0).getMethod();
                    frames.merge(method.getType().getName() + "." + method.getName(), 1, Integer::sum);
                }
            }
        }
        double step = clock.seconds / clock.steps;
        double outside = (java * PERIOD.toMillis() + clock.pauses) / 1e3 / clock.seconds;
        double wait = clock.waited / clock.seconds;
        double bound = (narrow.seconds - narrow.waited) / narrow.steps / step;
        System.out.printf(
                "%s ViT: %.0f ms a step, %d steps%n  Java %.2f %%, of it pauses of the collector %.2f %% (%d of %d samples)%n"
                        + "  wait for data %.2f %%%n  everything but arithmetic at most %.2f %% (%.1f ms)%n",
                frozen ? "frozen" : "trained",
                1e3 * step,
                clock.steps,
                1e2 * outside,
                clock.pauses / 10.0 / clock.seconds,
                java,
                java + inNative,
                1e2 * wait,
                1e2 * bound,
                1e3 * bound * step);
        var often = new ArrayList<>(frames.entrySet());
        often.sort(Map.Entry.<String, Integer>comparingByValue().reversed());
        often.stream().limit(5).forEach(frame -> System.out.printf("  %4d %s%n", frame.getValue(), frame.getKey()));
    }
}
