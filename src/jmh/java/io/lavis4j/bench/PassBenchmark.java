package io.lavis4j.bench;

import java.util.Arrays;
import java.util.Locale;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Forward and backward of one part of BLIP-2: a vision encoder, the Q-Former, or the blocks of a language model. */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up method before any other
public class PassBenchmark {

    /** Rows of a language model: queries and the words of a text. */
    static final long PREFIX = 32;

    /** The parts. */
    enum Part {
        /** All is trained. In bf16, as of CLIP, the matrices alone. */
        EVA_VIT,
        /**
         * In bf16 the projection to queries, keys and values stays fp32, as in the reference, and with it attention.
         */
        CLIP_VIT,
        /** Queries over image tokens, no text; all is trained. */
        QFORMER,
        /** Queries and words; frozen, so that backward gives the gradient of their vectors. */
        OPT,
        /** As OPT. */
        LLAMA,
        /** As OPT; queries and words are the encoder's, and the decoder reads as many words. */
        T5;

        static Part of(String name) {
            return Arrays.stream(values())
                    .filter(part -> part.toString().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "unknown part \"%s\", expected one of %s".formatted(name, Arrays.toString(values()))));
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A {@link Part} by name. */
    @Param({"eva_vit", "clip_vit", "qformer", "opt", "llama", "t5"})
    String part;

    private ModelPart model;

    /** Builds the part with random weights. */
    @Setup
    public void build(Setting setting) {
        model = ModelPart.create(Part.of(part), setting);
    }

    /** Inference: no graph, eval mode. */
    @Benchmark
    public void forward() {
        model.module().eval();
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            Setting.await(model.forward().get());
        }
    }

    /** The gradients of trained parameters and of inputs, with dropout; forward is not measured. */
    @Benchmark
    public void backward(Graph graph) {
        graph.recorded.backward();
    }

    /** Frees the part. */
    @TearDown
    public void close() {
        model.close();
    }

    /** The result of forward, for backward. */
    @State(Scope.Thread)
    @SuppressWarnings("NullAway.Init")
    public static class Graph {

        private Recorded recorded;

        /** Runs forward. */
        @Setup(Level.Invocation)
        public void record(PassBenchmark benchmark) {
            benchmark.model.module().train(true);
            recorded = new Recorded(benchmark.model.forward());
        }

        /** Frees the graph and the gradients. */
        @TearDown(Level.Invocation)
        public void free(PassBenchmark benchmark) {
            recorded.close();
            benchmark.model.zeroGrad();
        }
    }
}
