package io.lavis4j.runner;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lavis4j.dataset.BatchLoader;
import io.lavis4j.distributed.Processes;
import io.lavis4j.features.VisionFeatures;
import io.lavis4j.model.BaseModel;
import io.lavis4j.model.FeatureLearner;
import io.lavis4j.tensor.Precision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The vision features that a run keeps while it trains: of what it trains on, and of the splits that it validates after
 * each epoch where these see the same images each time, and nothing of their features is lost.
 *
 * @param features that are kept
 * @param loaders that load them in place of images
 */
record FeatureCache(VisionFeatures features, List<BatchLoader> loaders) implements AutoCloseable {

    /**
     * Begins to keep features of a model whose weights are those of the run.
     *
     * @return {@code null} where the configuration keeps none
     * @throws io.lavis4j.config.ConfigException if there is no room for them
     */
    static @Nullable FeatureCache open(
            RunConfig config, BaseModel model, Precision amp, RunData data, Processes processes) {
        var kept = config.featureCache();
        if (!kept.isOn()) {
            return null;
        }
        var features = VisionFeatures.open(
                kept, model.as(FeatureLearner.class), amp, config.seed(), kept.folder(config.outputDir()));
        try {
            var loaders = loaders(config, amp == Precision.FP32 && features.isExact(), data);
            long views = loaders.stream()
                    .mapToLong(loader -> loader.views(kept.viewsOfImage()))
                    .sum();
            features.requireRoom(views, ofThisMachine(processes));
            loaders.forEach(loader -> loader.keep(features));
            return new FeatureCache(features, loaders);
        } catch (RuntimeException | Error e) {
            features.close();
            throw e;
        }
    }

    /**
     * The loaders whose images are kept.
     *
     * @param asEvaluated whether features are what an evaluation computes, which {@code run.amp} does not change
     */
    private static List<BatchLoader> loaders(RunConfig config, boolean asEvaluated, RunData data) {
        var validated = asEvaluated ? config.splits().valid() : List.<String>of();
        return Stream.concat(
                        Stream.of(data.training()),
                        validated.stream().map(data::evaluation).filter(BatchLoader::repeatsImages))
                .toList();
    }

    /** How many of the processes run on the machine of this one. */
    private static int ofThisMachine(Processes processes) {
        if (processes.world() == 1) {
            return 1;
        }
        try {
            var own = InetAddress.getLocalHost().getHostName();
            return (int) processes.gather(own.getBytes(UTF_8)).stream()
                    .filter(name -> new String(name, UTF_8).equals(own))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException("this machine does not know its name (%s)".formatted(e), e);
        }
    }

    /** The loaders load images again. */
    @Override
    public void close() {
        loaders.forEach(loader -> loader.keep(null));
        features.close();
    }
}
