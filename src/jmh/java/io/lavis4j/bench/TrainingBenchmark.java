package io.lavis4j.bench;

import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.Scopes;
import java.util.Arrays;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A {@link TrainingStep}. */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up method before any other
public class TrainingBenchmark {

    /** LAVIS's {@code max_txt_len}. */
    static final int TEXT_TOKENS = 32;

    /** Treatment of the vision encoder. */
    enum Vit {
        /** It is not trained. */
        FROZEN,
        /** It is not trained, and its features of the images are kept: {@code run.cache_vision_features}. */
        CACHED,
        /** It is trained and its activations are kept. */
        TRAINED,
        /** It is trained and its blocks are recomputed in backward. */
        CHECKPOINTED,
        /** The same but for a product of each block, which is kept: {@code model.recompute_granularity=selective}. */
        SELECTIVE;

        static Vit of(String name) {
            return Arrays.stream(values())
                    .filter(vit -> vit.toString().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "unknown vit \"%s\", expected one of %s".formatted(name, Arrays.toString(values()))));
        }

        boolean isFrozen() {
            return this == FROZEN || this == CACHED;
        }

        boolean isRecomputed() {
            return this == CHECKPOINTED || this == SELECTIVE;
        }

        GradientCheckpoint.Granularity granularity() {
            return this == SELECTIVE ? GradientCheckpoint.Granularity.SELECTIVE : GradientCheckpoint.Granularity.FULL;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A {@link Vit} by name. */
    @Param({"frozen", "cached", "trained", "checkpointed"})
    String vit;

    private Blip2Opt model;
    private TrainingStep step;
    private Tensor image;

    /** Builds model and optimizer. */
    @Setup
    public void build(Setting setting) {
        model = Blip2.create(setting, Vit.of(vit), TEXT_TOKENS);
        model.train(true);
        step = new TrainingStep(model);
        long S = model.visualEncoder().imageSize();
        image = setting.random(setting.batch, 3, S, S);
        if (Vit.of(vit) == Vit.CACHED) {
            var pixels = image;
            image = Scopes.retained(() -> model.visionFeatures(pixels));
            pixels.close();
        }
    }

    /** One step. */
    @Benchmark
    public float step() {
        return step.run(image);
    }

    /** Frees model and optimizer. */
    @TearDown
    public void close() {
        step.close();
        model.close();
        image.close();
    }
}
