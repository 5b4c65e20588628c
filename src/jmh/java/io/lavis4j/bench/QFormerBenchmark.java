package io.lavis4j.bench;

import io.lavis4j.model.qformer.QFormer;
import io.lavis4j.model.qformer.QFormerInput;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The Q-Former alone: queries over image tokens, no text. */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up method before any other
public class QFormerBenchmark {

    private QFormer qformer;
    private Tensor queries;
    private Tensor imageTokens;

    /** Builds the Q-Former with random weights. */
    @Setup
    public void build(Setting setting) {
        var config = setting.shapes().qformer();
        qformer = new QFormer(config, QFormer.Parts.QUERIES);
        qformer.to(setting.target());
        qformer.initialize();
        qformer.convertWeights(setting.precision().dtype());
        queries = setting.random(setting.batch, config.numQueries(), config.hiddenSize());
        imageTokens = setting.random(setting.batch, setting.shapes().imageTokens(), config.encoderWidth());
        queries.set_requires_grad(true);
        imageTokens.set_requires_grad(true); // ln_vision, which made them, is trained
    }

    private Tensor run() {
        return qformer.forward(QFormerInput.queries(queries, imageTokens));
    }

    /** Inference: no graph, eval mode. */
    @Benchmark
    public void forward() {
        qformer.eval();
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            run();
            Setting.await(imageTokens);
        }
    }

    /** The gradients of parameters, queries and image tokens, with dropout; forward is not measured. */
    @Benchmark
    public void backward(Graph graph) {
        graph.recorded.backward();
    }

    /** Frees the Q-Former. */
    @TearDown
    public void close() {
        qformer.close();
        queries.close();
        imageTokens.close();
    }

    /** The result of forward, for backward. */
    @State(Scope.Thread)
    @SuppressWarnings("NullAway.Init")
    public static class Graph {

        private Recorded recorded;

        /** Runs forward. */
        @Setup(Level.Invocation)
        public void record(QFormerBenchmark benchmark) {
            benchmark.qformer.train(true);
            recorded = new Recorded(benchmark::run);
        }

        /** Frees the graph and the gradients. */
        @TearDown(Level.Invocation)
        public void free(QFormerBenchmark benchmark) {
            recorded.close();
            benchmark.qformer.zeroGrad();
            try (var scope = new PointerScope()) {
                benchmark.queries.mutable_grad().put(new Tensor());
                benchmark.imageTokens.mutable_grad().put(new Tensor());
            }
        }
    }
}
