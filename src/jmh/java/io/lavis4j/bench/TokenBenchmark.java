package io.lavis4j.bench;

import io.lavis4j.generate.Decoder;
import io.lavis4j.model.causal.CausalTransformer;
import io.lavis4j.model.t5.T5;
import io.lavis4j.nn.Module;
import java.util.Arrays;
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

/** Decoding: {@link #TOKENS} tokens of each row, one after the other, with the scores of all words. */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up method before any other
public class TokenBenchmark {

    /** Written by each row in an operation, after {@link PassBenchmark#PREFIX} that it has read. */
    static final int TOKENS = 16;

    private static final long WORD = 5;

    /** A language model of {@link PassBenchmark.Part} by name. */
    @Param({"opt", "llama", "t5"})
    String part;

    private Module model;
    private Tensor words, mask;
    private Decoder decoder;
    private long[] next;

    /** Builds the language model. */
    @Setup
    public void build(Setting setting) {
        long P = PassBenchmark.PREFIX;
        mask = ModelPart.mask(setting, P);
        next = new long[setting.batch];
        Arrays.fill(next, WORD);
        switch (PassBenchmark.Part.of(part)) {
            case OPT -> causal(ModelPart.opt(setting), setting);
            case LLAMA -> causal(ModelPart.llama(setting), setting);
            case T5 -> {
                var t5 = ModelPart.frozenT5(setting);
                model = t5;
                words = ModelPart.words(setting, P, t5::embed);
            }
            default ->
                throw new IllegalArgumentException("%s writes nothing, expected opt, llama or t5".formatted(part));
        }
        model.eval();
    }

    private <M extends Module & CausalTransformer> void causal(M causal, Setting setting) {
        model = causal;
        words = ModelPart.words(setting, PassBenchmark.PREFIX, causal::embed);
    }

    /** Reads the prefixes, which is not measured. */
    @Setup(Level.Invocation)
    public void read() {
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            decoder =
                    model instanceof T5 t5 ? t5.decoder(words, mask) : ((CausalTransformer) model).decoder(words, mask);
            Setting.await(decoder.prefill());
        }
    }

    /** The tokens. */
    @Benchmark
    public void write() {
        try (var noGrad = new NoGradGuard()) {
            for (int i = 0; i < TOKENS; i++) {
                try (var scope = new PointerScope()) {
                    Setting.await(decoder.step(next));
                }
            }
        }
    }

    /** Frees keys and values. */
    @TearDown(Level.Invocation)
    public void forget() {
        decoder.close();
    }

    /** Frees the language model. */
    @TearDown
    public void close() {
        model.close();
        words.close();
        mask.close();
    }
}
