package io.lavis4j.bench;

import io.lavis4j.distributed.Gather;
import io.lavis4j.distributed.GradientBuckets;
import io.lavis4j.distributed.GroupConfig;
import io.lavis4j.distributed.Processes;
import io.lavis4j.tensor.Scopes;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;

/**
 * What is left of a process's speed when two train together: each on one thread and one core, which {@code taskset}
 * gives it, with a batch of its own, against one alone.
 *
 * <pre>
 * mvn -q -Pjmh compile exec:exec -Dbench.args="processes small 4"   # size, samples per process
 * </pre>
 */
final class ProcessesEfficiency {

    private static final int ROUNDS = 3;
    private static final int WARMUP = 4;
    private static final int STEPS = 12;

    private ProcessesEfficiency() {}

    /** @param arguments size and samples per process */
    static void measure(List<String> arguments) throws IOException {
        String size = arguments.get(0), batch = arguments.get(1);
        var alone = new ArrayList<Double>();
        var together = new ArrayList<Double>();
        for (int round = 0; round < ROUNDS; round++) {
            alone.add(slowest(size, batch, 1));
            together.add(slowest(size, batch, 2));
        }
        double one = Collections.min(alone), two = Collections.min(together);
        System.out.printf(
                Locale.ROOT,
                "BLIP-2 with OPT, size %s, trained encoder, batch %s per process, fp32, cpu, 1 thread each:%n"
                        + "1 process %.1f ms/step, 2 processes %.1f ms/step, efficiency %.3f (%d steps, best of %d)%n",
                size,
                batch,
                one,
                two,
                one / two,
                STEPS,
                ROUNDS);
    }

    /** Milliseconds per step of the slowest of as many processes. */
    private static double slowest(String size, String batch, int world) throws IOException {
        int port = freePort();
        var started = new ArrayList<Process>();
        for (int rank = 0; rank < world; rank++) {
            var command = new ArrayList<>(List.of(
                    "taskset",
                    "-c",
                    String.valueOf(rank),
                    Path.of(System.getProperty("java.home"), "bin", "java").toString()));
            command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
            command.addAll(List.of(
                    "-cp",
                    System.getProperty("java.class.path"),
                    Benchmarks.class.getName(),
                    Benchmarks.PROCESS,
                    size,
                    batch));
            var builder = new ProcessBuilder(command);
            builder.environment().put("RANK", String.valueOf(rank));
            builder.environment().put("WORLD_SIZE", String.valueOf(world));
            builder.environment().put("LOCAL_RANK", String.valueOf(rank));
            builder.environment().put("MASTER_ADDR", "127.0.0.1");
            builder.environment().put("MASTER_PORT", String.valueOf(port));
            builder.environment().put("OMP_NUM_THREADS", "1");
            started.add(builder.redirectError(ProcessBuilder.Redirect.INHERIT).start());
        }
        double slowest = 0;
        for (var process : started) {
            var lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            slowest = Math.max(slowest, Double.parseDouble(lines.get(lines.size() - 1)));
        }
        return slowest;
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** A process that prints its milliseconds per step. */
    static void step(List<String> arguments) {
        var setting = new Setting();
        setting.size = arguments.get(0);
        setting.batch = Integer.parseInt(arguments.get(1));
        setting.dtype = "fp32";
        setting.threads = 1;
        setting.device = "cpu";
        setting.apply();
        try (var processes = Processes.join(GroupConfig.defaults(), setting.device, System::getenv, reason -> {
                    System.err.println(reason);
                    Runtime.getRuntime().halt(1);
                });
                var model = Blip2.create(setting, TrainingBenchmark.Vit.TRAINED, TrainingBenchmark.TEXT_TOKENS);
                var optimizer = TrainingStep.optimizer(model);
                var buckets = new GradientBuckets(
                        processes, List.copyOf(model.trainableParameters().values()), Gather.alone())) {
            model.train(true);
            long S = model.visualEncoder().imageSize();
            var image = Scopes.retained(() -> torch.randn(setting.batch, 3, S, S));
            var texts = TrainingStep.texts(setting.batch);
            double[] milliseconds = new double[STEPS];
            for (int i = -WARMUP; i < STEPS; i++) {
                long start = System.nanoTime();
                try (var scope = new PointerScope()) {
                    var loss = model.forward(image, texts).total();
                    buckets.begin();
                    model.backward(loss);
                    buckets.finish(0);
                    optimizer.step();
                    optimizer.zeroGrad();
                }
                if (i >= 0) {
                    milliseconds[i] = (System.nanoTime() - start) / 1e6;
                }
            }
            image.close();
            Arrays.sort(milliseconds);
            System.out.printf(Locale.ROOT, "%n%.3f%n", milliseconds[STEPS / 2]);
        }
    }
}
