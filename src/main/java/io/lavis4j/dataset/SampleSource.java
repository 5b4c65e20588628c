package io.lavis4j.dataset;

import io.lavis4j.processor.BrokenImageException;
import io.lavis4j.processor.ImageProcessor;
import io.lavis4j.processor.PicturePipeline;
import io.lavis4j.processor.SeededDraws;
import io.lavis4j.processor.TextProcessor;
import java.nio.FloatBuffer;
import java.util.ArrayList;

/**
 * Everything that turns a sample's number into pixels and texts.
 *
 * @param dataset says what to load
 * @param imageProcessor crops, resizes and normalises
 * @param textProcessor makes the texts
 * @param pipeline reads picture files
 * @param draws the random numbers of each sample
 */
public record SampleSource(
        Dataset dataset,
        ImageProcessor imageProcessor,
        TextProcessor textProcessor,
        PicturePipeline pipeline,
        DrawSource draws) {

    /** Replacements tried before loading gives up. */
    private static final int MAX_REPLACEMENTS = 20;

    /** A source whose draws depend on nothing but (seed, epoch, index). */
    public SampleSource(
            Dataset dataset, ImageProcessor imageProcessor, TextProcessor textProcessor, PicturePipeline pipeline) {
        this(dataset, imageProcessor, textProcessor, pipeline, SeededDraws::of);
    }

    /**
     * Loads a sample, or in its place others drawn from (seed, epoch, number) until one can be read.
     *
     * @param first number of the data set's first sample among all that are loaded
     * @param index in the data set
     * @param out receives (3, S, S) from its position on, which stays
     * @throws BrokenImageException if the picture cannot be read and is not to be skipped, or too many cannot
     */
    Loaded load(LoaderConfig config, int epoch, int first, int index, FloatBuffer out) {
        long number = (long) first + index;
        var broken = new ArrayList<Loaded.Broken>();
        var replacements = draws.of(config.seed(), epoch, -2L - number); // -1 is the order's
        int candidate = index;
        while (true) {
            try {
                var sample = dataset.sample(candidate, textProcessor);
                pipeline.load(
                        sample.picture(),
                        sample.regions(),
                        imageProcessor,
                        draws.of(config.seed(), epoch, number),
                        out.duplicate());
                return new Loaded(
                        number, sample.instanceId(), sample.textInput(), sample.prompt(), sample.references(), broken);
            } catch (BrokenImageException e) {
                String problem = named(candidate) + ": " + e.getMessage();
                if (config.onBroken() == OnBroken.FAIL) {
                    throw new BrokenImageException(problem, e);
                }
                broken.add(new Loaded.Broken((long) first + candidate, problem));
                if (broken.size() > MAX_REPLACEMENTS) {
                    throw new BrokenImageException(
                            "%d samples in a row cannot be read; are the pictures where the data set looks for them? The last one: %s"
                                    .formatted(broken.size(), problem),
                            e);
                }
                candidate = replacements.integer(0, dataset.size());
            } catch (RuntimeException e) {
                throw new IllegalStateException(named(candidate) + ": " + e.getMessage(), e);
            }
        }
    }

    private String named(int index) {
        return "sample %d of %s (instance_id %s)".formatted(index, dataset.name(), dataset.instanceId(index));
    }
}
