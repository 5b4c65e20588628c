package io.lavis4j.dataset;

import io.lavis4j.processor.BrokenImageException;
import io.lavis4j.processor.ImageProcessor;
import io.lavis4j.processor.PicturePipeline;
import io.lavis4j.processor.PixelBuffer;
import io.lavis4j.processor.SeededDraws;
import io.lavis4j.processor.TextProcessor;
import java.util.ArrayList;
import java.util.List;

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
     * A sample whose pixels are in their place.
     *
     * @param index of the sample asked for
     * @param sample that one, or what replaced it
     * @param broken the samples that could not be read
     */
    record Loaded(int index, Sample sample, List<Broken> broken) {}

    /**
     * A sample that could not be read.
     *
     * @param index its number
     * @param problem names it and says what is wrong
     */
    record Broken(int index, String problem) {}

    /**
     * Loads a sample, or in its place others drawn from (seed, epoch, index) until one can be read.
     *
     * @param out receives (3, S, S) from its position on, which stays
     * @throws BrokenImageException if the picture cannot be read and is not to be skipped, or too many cannot
     */
    Loaded load(LoaderConfig config, int epoch, int index, PixelBuffer out) {
        var broken = new ArrayList<Broken>();
        var replacements = draws.of(config.seed(), epoch, -2L - index); // -1 is the order's
        int candidate = index;
        while (true) {
            try {
                var sample = dataset.sample(candidate, textProcessor);
                pipeline.load(
                        sample.picture(),
                        sample.regions(),
                        imageProcessor,
                        draws.of(config.seed(), epoch, index),
                        out.duplicate());
                return new Loaded(index, sample, broken);
            } catch (BrokenImageException e) {
                String problem = named(candidate) + ": " + e.getMessage();
                if (config.onBroken() == OnBroken.FAIL) {
                    throw new BrokenImageException(problem, e);
                }
                broken.add(new Broken(candidate, problem));
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
