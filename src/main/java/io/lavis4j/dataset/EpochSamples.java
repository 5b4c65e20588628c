package io.lavis4j.dataset;

import io.lavis4j.features.ImagePlace;
import java.util.Iterator;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The work of a loader: the samples of each epoch in their order, which depends on (seed, epoch) alone. */
public interface EpochSamples {

    /** Their name in messages. */
    String name();

    /** Samples per epoch. */
    long size();

    /** S of the images, pixels. */
    int imageSize();

    /** Whether an image is the same in each epoch, as {@link io.lavis4j.processor.ImageProcessor#isRepeatable}. */
    boolean repeatsImages();

    /**
     * How many views of images all epochs of all processes have.
     *
     * @param drawn of each image whose processor draws
     */
    long views(int drawn);

    /**
     * The samples of an epoch from one on, as they would have come; those before it are not loaded.
     *
     * @param first from 0 to {@link #size()}
     * @param workers may read ahead; {@code null} if there are none
     */
    Iterator<Load> epoch(int epoch, long first, @Nullable Executor workers);

    /** Loads one sample; called by any thread, once. */
    @FunctionalInterface
    interface Load {

        /**
         * Loads it, or another in its place.
         *
         * @param place receives its image
         * @throws io.lavis4j.image.BrokenImageException if it cannot be read, see {@link LoaderConfig}
         */
        LoadedSample into(ImagePlace place);
    }
}
