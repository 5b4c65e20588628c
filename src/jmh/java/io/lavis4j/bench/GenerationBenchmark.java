package io.lavis4j.bench;

import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.model.blip2.Blip2Opt;
import org.bytedeco.pytorch.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Captions of BLIP-2 with OPT, from the image to the text; none ends early. */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up method before any other
public class GenerationBenchmark {

    /** Written per caption; LAVIS's 30 count one token before the first word. */
    static final int NEW_TOKENS = 29;

    /** Running hypotheses; 1 is greedy search. */
    @Param({"1", "5"})
    int beams;

    private Blip2Opt model;
    private Tensor image;
    private GenerationConfig generation;

    /** Builds the model. */
    @Setup
    public void build(Setting setting) {
        model = Blip2.create(setting, TrainingBenchmark.Vit.FROZEN, TrainingBenchmark.TEXT_TOKENS);
        model.eval();
        long S = model.visualEncoder().imageSize();
        image = setting.random(setting.batch, 3, S, S);
        generation = search(beams);
    }

    /** LAVIS's search for captions of {@link #NEW_TOKENS} tokens. */
    static GenerationConfig search(int beams) {
        return GenerationConfig.lavis()
                .withNumBeams(beams)
                .withMaxLength(NEW_TOKENS + 1)
                .withMinLength(NEW_TOKENS + 1);
    }

    /** One caption per image. */
    @Benchmark
    public Object generate() {
        return model.generate(image, generation);
    }

    /** Frees the model. */
    @TearDown
    public void close() {
        model.close();
        image.close();
    }
}
