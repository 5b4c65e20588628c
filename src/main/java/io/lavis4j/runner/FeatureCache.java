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
import org.jspecify.annotations.Nullable;

/**
 * The vision features that a run keeps while it trains.
 *
 * @param features that are kept
 * @param loader that loads them in place of images
 */
record FeatureCache(VisionFeatures features, BatchLoader loader) implements AutoCloseable {

    /**
     * Begins to keep features of a model whose weights are those of the run.
     *
     * @return {@code null} where the configuration keeps none
     * @throws io.lavis4j.config.ConfigException if there is no room for them
     */
    static @Nullable FeatureCache open(
            RunConfig config, BaseModel model, Precision amp, BatchLoader loader, Processes processes) {
        var kept = config.featureCache();
        if (!kept.isOn()) {
            return null;
        }
        var features = VisionFeatures.open(
                kept, model.as(FeatureLearner.class), amp, config.seed(), kept.folder(config.outputDir()));
        try {
            var views = kept.views();
            features.requireRoom(loader.views(views == null ? 1 : views), ofThisMachine(processes));
            loader.keep(features);
            return new FeatureCache(features, loader);
        } catch (RuntimeException | Error e) {
            features.close();
            throw e;
        }
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

    /** The loader loads images again. */
    @Override
    public void close() {
        loader.keep(null);
        features.close();
    }
}
