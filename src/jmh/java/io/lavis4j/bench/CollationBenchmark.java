package io.lavis4j.bench;

import io.lavis4j.dataset.DataLoader;
import io.lavis4j.dataset.LoaderConfig;
import io.lavis4j.dataset.Sample;
import io.lavis4j.dataset.SampleSource;
import io.lavis4j.dataset.SampleTexts;
import io.lavis4j.image.Regions;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.processor.BlipCaption;
import io.lavis4j.processor.ImagePipeline;
import io.lavis4j.processor.ImageProcessor;
import io.lavis4j.processor.ImageProcessors;
import io.lavis4j.processor.PixelBuffer;
import io.lavis4j.processor.SampleRandom;
import java.nio.file.Path;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Samples whose images are decoded already become a batch, in one thread: numbers in their places, texts tokenized,
 * padded and labelled for BLIP-2 with OPT.
 */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up method before any other
public class CollationBenchmark {

    private Blip2Opt model;
    private DataLoader loader;

    /** Gives every image the same numbers. */
    private record Decoded(float[] numbers) implements ImagePipeline {

        @Override
        public void load(Path file, Regions regions, ImageProcessor processor, SampleRandom random, PixelBuffer out) {
            out.put(numbers);
        }

        @Override
        public void load(
                byte[] content,
                String name,
                Regions regions,
                ImageProcessor processor,
                SampleRandom random,
                PixelBuffer out) {
            out.put(numbers);
        }
    }

    /** Builds the model, for its tokenizer, and the loader. */
    @Setup
    public void build(Setting setting) {
        model = Blip2.create(setting, TrainingBenchmark.Vit.FROZEN, TrainingBenchmark.TEXT_TOKENS);
        int S = model.visualEncoder().imageSize();
        var texts = SampleTexts.of("image", TrainingStep.texts(1).input().get(0));
        var sample = new Sample(Path.of("image"), Regions.NONE, texts);
        var source = new SampleSource(
                new RepeatedSamples(List.of(sample), setting.batch),
                ImageProcessors.blipImageEval(S),
                new BlipCaption("", 50),
                new Decoded(new float[3 * S * S]));
        loader = new DataLoader(source, LoaderConfig.evaluation(setting.batch, 0), setting.target(), model::prepare);
    }

    /** One batch. */
    @Benchmark
    public int collate() {
        try (var batch = loader.epoch(0).next()) {
            Setting.await(batch.image());
            return batch.size();
        }
    }

    /** Frees loader and model. */
    @TearDown
    public void close() {
        loader.close();
        model.close();
    }
}
