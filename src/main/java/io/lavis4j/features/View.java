package io.lavis4j.features;

import io.lavis4j.image.BrokenImageException;
import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import io.lavis4j.processor.ImageProcessor;
import io.lavis4j.processor.SampleRandom;
import io.lavis4j.processor.SeededSampleRandom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * An image as a model sees it.
 *
 * @param file that it lies in
 * @param offset of its bytes there; 0 where the file is the image
 * @param regions drawn into it
 * @param processor that crops, resizes and normalises it
 */
public record View(Path file, long offset, Regions regions, ImageProcessor processor) {

    /** All that the choice of an image depends on, wherever its folder lies. */
    private String image() {
        boolean drawn = regions.mode() != RegionMode.NONE && !regions.boxes().isEmpty();
        return "%s %d %s".formatted(file.getFileName(), offset, drawn ? regions : "");
    }

    /** A number that is equal for views of the same file, place and regions. */
    public long imageHash() {
        return Fingerprint.of(file + "\n" + image()).low();
    }

    /**
     * The draws of one of the views of an image: the same wherever the images lie, and in whichever sample.
     *
     * @param number of the view, from 0
     */
    SampleRandom draws(int seed, int number) {
        return SeededSampleRandom.of(seed, number, Fingerprint.of(image()).low());
    }

    /**
     * The key of the view: path, size and time of the file, place, regions, processor, and, if that draws, what its
     * draws derive from.
     *
     * @throws BrokenImageException if there is no such file
     * @throws IllegalArgumentException if the processor does not say what its result depends on
     */
    Fingerprint key(int seed, int number) {
        var identity = processor.identity();
        if (identity == null) {
            throw new IllegalArgumentException(
                    "the features of images cannot be kept, as %s does not say what its result depends on; have it override ImageProcessor.identity, or set run.%s=off"
                            .formatted(processor.getClass().getName(), FeatureCacheConfig.FEATURES));
        }
        return Fingerprint.of("%s\n%s\n%s\n%s\n%s"
                .formatted(
                        file.toAbsolutePath().normalize(),
                        state(),
                        image(),
                        identity,
                        processor.isRandom() ? "seed %d view %d".formatted(seed, number) : ""));
    }

    private String state() {
        try {
            var attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return "%d bytes of %s".formatted(attributes.size(), attributes.lastModifiedTime());
        } catch (IOException e) {
            throw new BrokenImageException("%s: cannot be read (%s); check the file".formatted(file, e), e);
        }
    }
}
