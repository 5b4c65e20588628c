package io.lavis4j.estimate;

import io.lavis4j.features.FeatureCacheConfig.Place;
import io.lavis4j.runner.JobConfig;
import io.lavis4j.zoo.WeightFiles;
import org.jspecify.annotations.Nullable;

/**
 * The machine's memory that {@code run.cache_vision_features=memory} takes in each process, whatever the device.
 *
 * @param views kept of each image; 1 where its processor does not draw, however many are asked for
 * @param bytesOfView of each of them
 */
public record FeatureMemory(int views, long bytesOfView) {

    /**
     * The memory that a job's features take.
     *
     * @param gpu whether it is to run on a GPU
     * @param weights where a language model's {@code config.json} may lie; nothing else is read
     * @return {@code null} if the job keeps none in memory, or its model's shape is not known; errors are those of
     *     {@link MemoryEstimate#of(JobConfig, boolean, WeightFiles)}
     */
    public static @Nullable FeatureMemory of(JobConfig config, boolean gpu, WeightFiles weights) {
        var kept = config.run().featureCache();
        if (config.run().evaluate() || kept.place() != Place.MEMORY) {
            return null;
        }
        var shape = config.model().shape(weights);
        if (shape == null) {
            return null;
        }
        var how = new Arithmetic(shape, gpu, config.run().optimization().amp().on());
        var encoder = how.vision(1);
        return new FeatureMemory(
                kept.viewsOfImage(), encoder.tokens() * kept.bytesOfToken(encoder.width(), how.visionOutput()));
    }

    /** The most images whose features, with all else that a job needs, are a number of bytes that a long can hold. */
    public long mostImages() {
        return Long.MAX_VALUE / 2 / views / bytesOfView;
    }

    /** Bytes of the features of that many images, {@link #mostImages} at most. */
    public long bytes(long images) {
        return images * views * bytesOfView;
    }
}
