package io.lavis4j.dataset;

import io.lavis4j.image.BrokenImageException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts samples that cannot be read, in the order in which batches are handed over; see {@link LoaderConfig}. */
final class BrokenTally {
    private static final Logger LOG = LoggerFactory.getLogger(BrokenTally.class);

    /** So many are borne whatever their share, or one bad image would end a run on a small set. */
    static final int ALWAYS_BORNE = 10;

    private final double maxShare;
    private final Ids seen = new Ids();
    private final Ids broken = new Ids();

    /** A set of sample numbers, in pieces of 2^31: a shard's samples begin at a multiple of that. */
    private static final class Ids {
        private final Map<Long, BitSet> pieces = new HashMap<>();
        private int count;

        /** @return whether it was not there */
        boolean add(long id) {
            var piece = pieces.computeIfAbsent(id >>> 31, high -> new BitSet());
            int low = (int) (id & Integer.MAX_VALUE);
            if (piece.get(low)) {
                return false;
            }
            piece.set(low);
            count++;
            return true;
        }
    }

    BrokenTally(double maxShare) {
        this.maxShare = maxShare;
    }

    /** How many different samples could not be read. */
    int count() {
        return broken.count;
    }

    /** @throws BrokenImageException if there are too many */
    void add(LoadedSample loaded) {
        seen.add(loaded.id());
        for (var sample : loaded.broken()) {
            seen.add(sample.id());
            if (!broken.add(sample.id())) {
                continue;
            }
            LOG.warn("Replaced by another sample: {}", sample.problem());
            int count = count();
            if (count > ALWAYS_BORNE && count > maxShare * seen.count) {
                throw new BrokenImageException(
                        "%d of the %d samples seen so far cannot be read, more than the share of %s that is allowed; the last: %s"
                                .formatted(count, seen.count, maxShare, sample.problem()));
            }
        }
    }
}
