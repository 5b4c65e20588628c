package io.lavis4j.estimate;

import static org.bytedeco.pytorch.global.torch.ones;
import static org.bytedeco.pytorch.global.torch.randn;

import io.lavis4j.model.VisionEncoderConfig;
import io.lavis4j.model.clipvit.ClipVitConfig;
import io.lavis4j.model.evavit.EvaVitConfig;
import io.lavis4j.model.llama.Llama;
import io.lavis4j.model.llama.LlamaConfig;
import io.lavis4j.model.opt.Opt;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.model.qformer.QFormerConfig;
import io.lavis4j.model.qformer.QFormerInput;
import io.lavis4j.model.t5.T5;
import io.lavis4j.model.t5.T5Config;
import io.lavis4j.nn.Module;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Scopes;
import io.lavis4j.tensor.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Runs in a process of its own and prints what {@link ActivationsIT} compares, in MiB of resident memory: what a part's
 * forward keeps for backward, the most of one that keeps nothing, and both by the formulas.
 */
final class ActivationsProbe {

    private static final Numbers FLOATS = Numbers.onCpu(Numbers.FLOAT, Numbers.FLOAT);
    private static final int WIDTH = 512;
    private static final int HEADS = 8;
    private static final int BLOCKS = 3;
    private static final int TEXT = 96;
    private static final int READ = 24;
    private static final int ROWS = 16;

    private ActivationsProbe() {}

    /** The argument names the part. */
    public static void main(String[] arguments) {
        try (var scope = new PointerScope()) {
            switch (arguments[0]) {
                case "eva" -> vision(new EvaVitConfig(224, 14, WIDTH, BLOCKS, HEADS, 4 * WIDTH, 0, 1e-6));
                case "clip" -> vision(new ClipVitConfig(224, 14, WIDTH, BLOCKS, HEADS));
                case "opt" -> opt();
                case "llama" -> llama();
                case "t5" -> t5();
                case "qformer" -> qformer();
                default -> throw new IllegalArgumentException("no part " + arguments[0]);
            }
        }
    }

    private static void vision(VisionEncoderConfig config) {
        var encoder = config.create();
        encoder.initialize();
        var image = randn(ROWS, 3, 224, 224);
        compare(encoder.module(), VisionActivations.of(config, FLOATS, ROWS), () -> encoder.forward(image));
    }

    private static void opt() {
        var config = new OptConfig(64, WIDTH, BLOCKS, HEADS, 4 * WIDTH, 128, WIDTH, true, false, 0.1, 1, 2, 2);
        var opt = new Opt(config);
        opt.initialize();
        opt.requiresGrad(false);
        var embeds = randn(ROWS, TEXT, WIDTH).set_requires_grad(true);
        var formula = new OptActivations(config, FLOATS, ROWS, TEXT, READ);
        compare(opt, formula, () -> opt.forward(embeds, null, read()));
    }

    private static void llama() {
        var config = new LlamaConfig(
                64, WIDTH, 3 * WIDTH, BLOCKS, HEADS, HEADS, WIDTH / HEADS, 128, 1e-6, 10000, false, 0, 1, 2);
        var llama = new Llama(config);
        llama.initialize();
        llama.requiresGrad(false);
        var embeds = randn(ROWS, TEXT, WIDTH).set_requires_grad(true);
        var formula = new LlamaActivations(config, FLOATS, ROWS, TEXT, READ);
        compare(llama, formula, () -> llama.forward(embeds, null, read()));
    }

    /** The last tokens of each row. */
    private static Tensor read() {
        return Tensors.range(0, ROWS * TEXT, Devices.cpu())
                .view(ROWS, TEXT)
                .narrow(1, TEXT - READ, READ)
                .flatten(0, 1); // (n)
    }

    private static void t5() {
        var config = new T5Config(
                64,
                WIDTH,
                64,
                2 * WIDTH,
                BLOCKS,
                BLOCKS,
                HEADS,
                32,
                128,
                0.1,
                1e-6,
                T5Config.DenseActFn.GELU,
                false,
                0,
                1,
                0);
        var t5 = new T5(config);
        t5.initialize();
        t5.store(ScalarType.BFloat16);
        t5.requiresGrad(false);
        var embeds = randn(ROWS, TEXT, WIDTH).set_requires_grad(true);
        var ids = ones(new long[] {ROWS, TEXT / 2}, Tensors.options(Devices.cpu(), ScalarType.Long));
        var formula = new T5Activations(config, Numbers.onCpu(Numbers.HALF, Numbers.FLOAT), ROWS, TEXT, TEXT / 2);
        compare(t5, formula, () -> t5.decode(ids, t5.encode(embeds, all(TEXT)), all(TEXT)));
    }

    private static void qformer() {
        int imageTokens = 257;
        var config = new QFormerConfig(32, WIDTH, BLOCKS, HEADS, 4 * WIDTH, 2, WIDTH, 64, 128, 1e-12, 0.1);
        var qformer = new QFormer(config, QFormer.Parts.QUERIES);
        qformer.initialize();
        var queries = randn(ROWS, 32, WIDTH).set_requires_grad(true);
        var image = randn(ROWS, imageTokens, WIDTH).set_requires_grad(true);
        compare(
                qformer,
                new QFormerActivations(config, FLOATS.withDropout(), ROWS, 32, 0, imageTokens),
                () -> qformer.forward(QFormerInput.queries(queries, image)));
    }

    private static Tensor all(long tokens) {
        return ones(new long[] {ROWS, tokens}, Tensors.options(Devices.cpu(), ScalarType.Long));
    }

    private static void compare(Module part, Activations formula, Supplier<Tensor> forward) {
        part.train(true);
        backward(forward); // the first run takes what libraries keep
        print("kept", kept(forward));
        print("kept.formula", formula.kept() / (double) (1 << 20));
        part.eval();
        print("passing", passing(forward));
        print("passing.formula", formula.passing() / (double) (1 << 20));
    }

    private static void backward(Supplier<Tensor> forward) {
        try (var scope = new PointerScope()) {
            forward.get().sum().backward();
        }
    }

    private static double kept(Supplier<Tensor> forward) {
        double before = status("VmRSS");
        try (var scope = new PointerScope()) {
            Scopes.keep(forward);
            return status("VmRSS") - before;
        }
    }

    private static double passing(Supplier<Tensor> forward) {
        try {
            Files.writeString(Path.of("/proc/self/clear_refs"), "5"); // VmHWM starts again from here
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        double before = status("VmRSS");
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            Scopes.keep(forward);
            return status("VmHWM") - before;
        }
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
