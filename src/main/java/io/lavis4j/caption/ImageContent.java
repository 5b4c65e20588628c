package io.lavis4j.caption;

import io.lavis4j.dataset.shard.TarMembers;
import io.lavis4j.image.BrokenImageException;
import io.lavis4j.image.Regions;
import io.lavis4j.processor.ImagePipeline;
import io.lavis4j.processor.ImageProcessor;
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
     * @throws BrokenImageException if it cannot be read
     */
    default void load(ImagePipeline pipeline, ImageProcessor processor, Regions regions, PixelBuffer place) {
        SampleRandom random = SeededSampleRandom.of(0, 0, 0); // a processor for evaluation draws nothing
        if (this instanceof OnDisk disk) {
            pipeline.load(disk.file(), regions, processor, random, place);
        } else if (this instanceof InTar in) {
            String name = "%s of %s".formatted(in.member().name(), in.tar());
            pipeline.load(in.member().read(in.tar()), name, regions, processor, random, place);
        } else if (this instanceof Unusable unusable) {
            throw new BrokenImageException(unusable.problem());
        }
    }
}
