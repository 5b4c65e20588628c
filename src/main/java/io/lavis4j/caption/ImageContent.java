package io.lavis4j.caption;

import io.lavis4j.dataset.shard.TarMembers;
import io.lavis4j.image.BrokenImageException;
import io.lavis4j.image.Regions;
import io.lavis4j.processor.ImagePipeline;
import io.lavis4j.processor.ImageProcessor;
import io.lavis4j.processor.ImageSize;
import io.lavis4j.processor.PixelBuffer;
import io.lavis4j.processor.SampleRandom;
import io.lavis4j.processor.SeededSampleRandom;
import java.nio.file.Path;

/** Where the bytes of an image are. */
sealed interface ImageContent {

    /** A file. */
    record OnDisk(Path file) implements ImageContent {}

    /** Part of a tar file. */
    record InTar(Path tar, TarMembers.Member member) implements ImageContent {}

    /** None: what named the image is wrong. */
    record Unusable(String problem) implements ImageContent {}

    /**
     * Reads and processes the image; called by any thread.
     *
     * @param place receives (3, S, S) from its position on
     * @throws BrokenImageException if it cannot be read, or a region lies outside of it
     */
    default void load(ImagePipeline pipeline, ImageProcessor processor, Regions regions, PixelBuffer place) {
        SampleRandom random = SeededSampleRandom.of(0, 0, 0); // a processor for evaluation draws nothing
        if (this instanceof OnDisk disk) {
            if (!regions.boxes().isEmpty()) {
                ImageSize.of(disk.file()).requireSight(regions, disk.file().toString());
            }
            pipeline.load(disk.file(), regions, processor, random, place);
        } else if (this instanceof InTar in) {
            String name = "%s of %s".formatted(in.member().name(), in.tar());
            byte[] image = in.member().read(in.tar());
            if (!regions.boxes().isEmpty()) {
                ImageSize.of(image, name).requireSight(regions, name);
            }
            pipeline.load(image, name, regions, processor, random, place);
        } else if (this instanceof Unusable unusable) {
            throw new BrokenImageException(unusable.problem());
        }
    }
}
