package io.lavis4j.dataset;

import io.lavis4j.features.ImagePlace;
import io.lavis4j.features.View;
import io.lavis4j.processor.ImagePipeline;
import io.lavis4j.processor.ImageProcessor;
import io.lavis4j.processor.SeededSampleRandom;
import io.lavis4j.processor.TextProcessor;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Everything that turns a sample's number into pixels and texts.
 *
 * @param dataset says what to load
 * @param imageProcessor crops, resizes and normalises
 * @param textProcessor makes the texts
 * @param pipeline reads image files
 * @param random the random numbers of each sample
 */
public record SampleSource(
        Dataset dataset,
        ImageProcessor imageProcessor,
        TextProcessor textProcessor,
        ImagePipeline pipeline,
        SampleRandomSource random)
        implements Source {

    /** A source whose draws depend on nothing but (seed, epoch, index). */
    public SampleSource(
            Dataset dataset, ImageProcessor imageProcessor, TextProcessor textProcessor, ImagePipeline pipeline) {
        this(dataset, imageProcessor, textProcessor, pipeline, SeededSampleRandom::of);
    }

    @Override
    public EpochSamples samples(LoaderConfig config) {
        return MapSamples.of(List.of(this), config);
    }

    /**
     * The samples of several data sets one after the other, as one.
     *
     * @param sources whose images are of one size
     */
    public static EpochSamples together(List<SampleSource> sources, LoaderConfig config) {
        return MapSamples.of(sources, config);
    }

    /**
     * Loads a sample, or in its place others drawn from (seed, epoch, number) until one can be read.
     *
     * @param first number of the data set's first sample among all that are loaded
     * @param index in the data set
     * @param place receives the image
     * @throws io.lavis4j.image.BrokenImageException if the image cannot be read and is not to be skipped, or too many
     *     cannot
     */
    LoadedSample load(LoaderConfig config, int epoch, int first, int index, ImagePlace place) {
        long number = (long) first + index;
        var replacements = random.of(config.seed(), epoch, -2L - number); // -1 is the order's
        return new Replacements(config.onBroken(), first, dataset.size())
                .load(index, replacements, this::named, candidate -> {
                    var sample = dataset.sample(candidate, textProcessor);
                    var draws = random.of(config.seed(), epoch, number);
                    place.fill(
                            view(sample),
                            epoch,
                            draws,
                            (drawn, out) ->
                                    pipeline.load(sample.image(), sample.regions(), imageProcessor, drawn, out));
                    return ofAll(sample.texts(), first).asked(textProcessor, draws);
                });
    }

    private View view(Sample sample) {
        return new View(sample.image(), 0, sample.regions(), imageProcessor);
    }

    /** How many views of images there are, of one whose processor draws as many as said. */
    long views(int drawn) {
        long images = IntStream.range(0, dataset.size())
                .mapToLong(index -> view(dataset.sample(index, textProcessor)).imageHash())
                .sorted()
                .distinct()
                .count();
        return imageProcessor.isRandom() ? images * drawn : images;
    }

    /** Numbers of images are a data set's own; here they differ from those of other data sets. */
    private static SampleTexts ofAll(SampleTexts texts, int first) {
        return texts.imageId() == SampleTexts.NO_IMAGE_ID ? texts : texts.withImageId(first + texts.imageId());
    }

    private String named(int index) {
        return "sample %d of %s (instance_id %s)".formatted(index, dataset.name(), dataset.instanceId(index));
    }
}
