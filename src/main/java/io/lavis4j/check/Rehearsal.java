package io.lavis4j.check;

import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.dataset.BrokenTally;
import io.lavis4j.dataset.EpochSamples;
import io.lavis4j.dataset.LoaderConfig;
import io.lavis4j.features.ImagePlace;
import io.lavis4j.image.BrokenImageException;
import io.lavis4j.processor.PixelBuffer;
import java.nio.FloatBuffer;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * A run's loading, sample by sample in its order, with its rules: what replaces a broken sample, how many may be
 * broken. It is that of one process; of several, each counts the broken samples of its own share.
 *
 * @param samples whose whole images are not read again: {@link BrokenImages#reading}
 * @param loading of the run
 * @param epochs that it has
 */
record Rehearsal(EpochSamples samples, LoaderConfig loading, int epochs) {

    /** Samples after which no further epoch is begun: they have all been seen, but for those of last batches. */
    private static final long ENOUGH = 5_000_000;

    /** The message that the run fails with; {@code null} if it does not. */
    @Nullable
    String failure() {
        var tally = new BrokenTally(loading.maxBrokenShare(), problem -> {});
        int S = samples.imageSize();
        var place = ImagePlace.of(PixelBuffer.of(FloatBuffer.allocate(3 * S * S)));
        long size = samples.size();
        long perEpoch = loading.dropLast() ? size - size % loading.batchSize() : size;
        try {
            for (int epoch = 0; epoch < epochs && epoch * perEpoch < ENOUGH; epoch++) {
                var loads = samples.epoch(epoch, 0, null);
                for (long i = 0; i < perEpoch; i++) {
                    Workers.requireWanted();
                    tally.add(loads.next().into(place));
                }
            }
            return null;
        } catch (CancellationException e) {
            throw e; // of the check and not of the run
        } catch (BrokenImageException | AnnotationException | IllegalStateException e) {
            return e.getMessage();
        }
    }
}
