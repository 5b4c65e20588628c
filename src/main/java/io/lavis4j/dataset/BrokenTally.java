package io.lavis4j.dataset;

import io.lavis4j.processor.BrokenImageException;
import java.util.BitSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts samples that cannot be read, in the order in which batches are handed over; see {@link LoaderConfig}. */
final class BrokenTally {
    private static final Logger LOGGER = LoggerFactory.getLogger(BrokenTally.class);

    /** So many are borne whatever their share, or one bad picture would end a run on a small set. */
    static final int ALWAYS_BORNE = 10;

    private final double maxShare;
    private final BitSet seen = new BitSet();
    private final BitSet broken = new BitSet();

    BrokenTally(double maxShare) {
        this.maxShare = maxShare;
    }

    /** How many different samples could not be read. */
    int count() {
        return broken.cardinality();
    }

    /** @throws BrokenImageException if there are too many */
    void add(SampleSource.Loaded loaded) {
        seen.set(loaded.index());
        for (var sample : loaded.broken()) {
            seen.set(sample.index());
            if (broken.get(sample.index())) {
                continue;
            }
            broken.set(sample.index());
            LOGGER.warn("Replaced by another sample: {}", sample.problem());
            int count = count();
            if (count > ALWAYS_BORNE && count > maxShare * seen.cardinality()) {
                throw new BrokenImageException(
                        "%d of the %d samples seen so far cannot be read, more than the share of %s that is allowed; the last: %s"
                                .formatted(count, seen.cardinality(), maxShare, sample.problem()));
            }
        }
    }
}
