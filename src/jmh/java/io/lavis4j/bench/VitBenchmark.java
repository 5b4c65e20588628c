package io.lavis4j.bench;

import io.lavis4j.model.VisionEncoder;
import io.lavis4j.model.VisionEncoderConfig;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A vision encoder alone. */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up method before any other
public class VitBenchmark {

    /** The vision encoders. */
    enum Model {
        EVA,
        CLIP;

        static Model of(String name) {
            return switch (name) {
                case "eva" -> EVA;
                case "clip" -> CLIP;
                default -> throw new IllegalArgumentException("unknown model \"" + name + "\", expected eva or clip");
            };
        }

        VisionEncoderConfig config(Size size) {
            return this == EVA ? size.evaVit() : size.clipVit();
        }
    }

    /**
     * The encoder: eva or clip. In bf16 CLIP's projection to queries, keys and values stays fp32, as in the reference,
     * and with it attention.
     */
    @Param({"eva", "clip"})
    String model;

    private VisionEncoder encoder;
    private Tensor image;

    /** Builds the encoder with random weights. */
    @Setup
    public void build(Setting setting) {
        var config = Model.of(model).config(setting.shapes());
        encoder = config.create();
        encoder.module().to(setting.target());
        encoder.initialize();
        encoder.module().convertWeights(setting.precision().dtype());
        image = setting.random(setting.batch, 3, config.imageSize(), config.imageSize());
    }

    /** Inference: no graph, eval mode. */
    @Benchmark
    public void forward() {
        encoder.module().eval();
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            encoder.forward(image);
            Setting.await(image);
        }
    }

    /** The gradients of all parameters; forward is not measured. */
    @Benchmark
    public void backward(Graph graph) {
        graph.recorded.backward();
    }

    /** Frees the encoder. */
    @TearDown
    public void close() {
        encoder.module().close();
        image.close();
    }

    /** The result of forward, for backward. */
    @State(Scope.Thread)
    @SuppressWarnings("NullAway.Init")
    public static class Graph {

        private Recorded recorded;

        /** Runs forward. */
        @Setup(Level.Invocation)
        public void record(VitBenchmark benchmark) {
            benchmark.encoder.module().train(true);
            recorded = new Recorded(() -> benchmark.encoder.forward(benchmark.image));
        }

        /** Frees the graph and the gradients. */
        @TearDown(Level.Invocation)
        public void free(VitBenchmark benchmark) {
            recorded.close();
            benchmark.encoder.module().zeroGrad();
        }
    }
}
