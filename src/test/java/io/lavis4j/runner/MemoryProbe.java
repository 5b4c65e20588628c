package io.lavis4j.runner;

import static org.bytedeco.pytorch.global.torch.randn;

import io.lavis4j.config.Configuration;
import io.lavis4j.golden.Golden;
import io.lavis4j.golden.GoldenCases;
import io.lavis4j.model.Texts;
import io.lavis4j.model.blip2.Blip2Case;
import io.lavis4j.model.evavit.EvaVit;
import io.lavis4j.model.evavit.EvaVitConfig;
import io.lavis4j.optim.AdamW;
import io.lavis4j.optim.ParameterGroup;
import io.lavis4j.task.RunListener;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.GradientCheckpoint.Mode;
import io.lavis4j.tensor.RandomState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Runs in a process of its own and prints what {@link MemoryIT} asserts, one {@code name=value} a line; memory in MiB
 * of resident memory, which follows tensors where the C library returns freed blocks at once.
 */
final class MemoryProbe {

    private static final int WIDTH = 512;
    private static final int IMAGE = 224;

    private MemoryProbe() {}

    /** The first argument names the measurement. */
    public static void main(String[] arguments) {
        switch (arguments[0]) {
            case "frozenForward" -> frozenForward(Integer.parseInt(arguments[1]));
            case "backward" -> backward();
            case "training" -> training(Integer.parseInt(arguments[1]));
            case "run" -> run(Integer.parseInt(arguments[1]), Path.of(arguments[2]));
            default -> throw new IllegalArgumentException("no measurement " + arguments[0]);
        }
    }

    private static EvaVit vit(int depth) {
        RandomState.seed(1);
        var vit = new EvaVit(new EvaVitConfig(IMAGE, 14, WIDTH, depth, 8, 4 * WIDTH, 0.3, 1e-6));
        vit.initialize();
        return vit;
    }

    private static void frozenForward(int depth) {
        var vit = vit(depth);
        vit.freeze();
        try (var scope = new PointerScope()) {
            vit.forward(randn(1, 3, IMAGE, IMAGE));
        }
        var image = randn(4, 3, IMAGE, IMAGE);
        print("peak", peak(() -> {
            try (var scope = new PointerScope()) {
                vit.forward(image);
            }
        }));
    }

    private static void backward() {
        var vit = vit(12);
        var image = randn(4, 3, IMAGE, IMAGE);
        step(vit, null, randn(1, 3, IMAGE, IMAGE));
        Map<String, Tensor> plain = Map.of();
        for (var mode : new @Nullable Mode[] {null, Mode.HOOKS, Mode.SEGMENTED}) {
            vit.zeroGrad();
            RandomState.seed(5);
            print(mode == null ? "plain" : mode.toString(), peak(() -> step(vit, mode, image)));
            if (mode == null) {
                plain = gradients(vit);
            } else {
                print(mode + ".difference", difference(vit, plain));
            }
        }
    }

    private static void step(EvaVit vit, @Nullable Mode mode, Tensor image) {
        try (var scope = new PointerScope();
                var checkpoint = new GradientCheckpoint(mode == null ? Mode.HOOKS : mode)) {
            vit.useGradientCheckpoint(mode == null ? null : checkpoint);
            checkpoint.backward(vit.forward(image).square().mean());
        }
    }

    private static Map<String, Tensor> gradients(EvaVit vit) {
        var copies = new LinkedHashMap<String, Tensor>();
        vit.namedParameters().forEach((name, p) -> copies.put(name, p.grad().clone()));
        return copies;
    }

    /** The largest difference of a gradient, relative to the largest number in it. */
    private static double difference(EvaVit vit, Map<String, Tensor> expected) {
        double worst = 0;
        try (var scope = new PointerScope()) {
            for (var entry : vit.namedParameters().entrySet()) {
                var gradient = Golden.get(expected, entry.getKey());
                double max = gradient.abs().max().item_double();
                double found = entry.getValue().grad().sub(gradient).abs().max().item_double();
                worst = Math.max(worst, found / max);
            }
        }
        return worst;
    }

    private static void training(int steps) {
        var golden = Golden.at(GoldenCases.root().resolve("c_blip2_opt_train_train_vit"));
        var expected = golden.json("expected.json");
        var model = Blip2Case.model(golden, expected.get("config").get("prompt").asText());
        model.train(true);
        var image = Golden.get(golden.tensors("inputs.safetensors"), "image_0");
        List<String> texts = Blip2Case.strings(expected.get("text_input").get(0));
        var memory = new Range("memory");
        var objects = new Range("objects");
        try (var hooks = new GradientCheckpoint(Mode.HOOKS);
                var segmented = new GradientCheckpoint(Mode.SEGMENTED);
                var optimizer = new AdamW(ParameterGroup.of(model, model.visualEncoder(), 0.05, 1), 1e-5, 0.999)) {
            var ways = Arrays.asList(null, hooks, segmented);
            for (int i = 0; i < steps; i++) {
                var checkpoint = ways.get(i % ways.size());
                model.visualEncoder().useGradientCheckpoint(checkpoint);
                try (var scope = new PointerScope()) {
                    var loss = model.forward(image, Texts.of(texts)).total();
                    if (checkpoint == null) {
                        loss.backward();
                    } else {
                        checkpoint.backward(loss);
                    }
                    optimizer.step();
                    optimizer.zeroGrad();
                }
                if (i >= steps / 2) {
                    memory.add(status("VmRSS"));
                    objects.add(Pointer.totalCount());
                }
            }
        }
        memory.print();
        objects.print();
    }

    /** A whole run of the small model: loaders, metrics and checkpoints, too. */
    private static void run(int steps, Path outputs) {
        int perEpoch = 8;
        var config = JobConfig.read(Configuration.load(
                "finetune/caption_sherlock_mini.yaml",
                List.of(
                        "data_root=src/test/resources/sherlock_mini",
                        "run.output_dir=" + outputs,
                        "run.device=cpu",
                        "run.max_epoch=" + steps / perEpoch,
                        "run.valid_splits=[]"),
                name -> null));
        var memory = new Range("memory");
        var objects = new Range("objects");
        try (var job = Job.open(config)) {
            job.train(new RunListener() {
                private int done;

                @Override
                public void step(Progress progress) {
                    done++;
                    if (done > steps / 2) {
                        memory.add(status("VmRSS"));
                    }
                }

                @Override
                public void end(Progress progress) {
                    if (done > steps / 2) {
                        objects.add(Pointer.totalCount());
                    }
                }
            });
        }
        memory.print();
        objects.print();
    }

    /** The lowest and the highest of some numbers. */
    private static final class Range {

        private final String name;
        private double lowest = Double.MAX_VALUE;
        private double highest;

        Range(String name) {
            this.name = name;
        }

        void add(double value) {
            lowest = Math.min(lowest, value);
            highest = Math.max(highest, value);
        }

        void print() {
            MemoryProbe.print(name + ".lowest", lowest);
            MemoryProbe.print(name + ".highest", highest);
        }
    }

    /** Highest resident memory while {@code work} runs, over what there was before. */
    private static double peak(Runnable work) {
        try {
            Files.writeString(Path.of("/proc/self/clear_refs"), "5"); // VmHWM starts again from here
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        double before = status("VmRSS");
        work.run();
        return status("VmHWM") - before;
    }

    private static double status(String field) {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            String line =
                    lines.filter(l -> l.startsWith(field + ":")).findFirst().orElseThrow();
            return Integer.parseInt(line.replaceAll("\\D", "")) / 1024.0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void print(String name, double value) {
        System.out.println(name + "=" + value);
    }
}
