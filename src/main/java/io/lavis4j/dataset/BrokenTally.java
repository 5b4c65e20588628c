package io.lavis4j.dataset;

import io.lavis4j.image.BrokenImageException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts samples that cannot be read, in the order in which batches are handed over; see {@link LoaderConfig}. */
public final class BrokenTally {
    private static final Logger LOG = LoggerFactory.getLogger(BrokenTally.class);

    /** So many are borne whatever their share, or one bad image would end a run on a small set. */
    static final int ALWAYS_BORNE = 10;

    private final double maxShare;
    private final Consumer<String> told;
    private final Ids seen = new Ids();
    private final Ids broken = new Ids();

    /** A set of sample numbers, in pieces of 2^31: a shard's samples begin at a multiple of that. */
    private static final class Ids {
        private final Map<Long, BitSet> pieces = new HashMap<>();
        private int count;

        void write(DataOutputStream out) throws IOException {
            out.writeInt(pieces.size());
            for (var piece : new TreeMap<>(pieces).entrySet()) {
                byte[] bits = piece.getValue().toByteArray();
                out.writeLong(piece.getKey());
                out.writeInt(bits.length);
                out.write(bits);
            }
        }

        void read(DataInputStream in) throws IOException {
            for (int left = in.readInt(); left > 0; left--) {
                long high = in.readLong();
                byte[] bits = in.readNBytes(in.readInt());
                BitSet.valueOf(bits).stream().forEach(low -> add(high << 31 | low));
            }
        }

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

    /** A tally that names every broken sample in the log. */
    BrokenTally(double maxShare) {
        this(maxShare, problem -> LOG.warn("Replaced by another sample: {}", problem));
    }

    /**
     * A tally of nothing yet.
     *
     * @param maxShare of the samples seen that may be broken once more than 10 are
     * @param told the problem of every broken sample, once
     */
    public BrokenTally(double maxShare, Consumer<String> told) {
        this.maxShare = maxShare;
        this.told = told;
    }

    /** All of it, for {@link #countOn}. */
    byte[] bytes() {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            seen.write(out);
            broken.write(out);
        } catch (IOException e) {
            throw new IllegalStateException("memory cannot be written", e);
        }
        return bytes.toByteArray();
    }

    /** Adds what another has counted. */
    void countOn(byte[] other) {
        try (var in = new DataInputStream(new ByteArrayInputStream(other))) {
            seen.read(in);
            broken.read(in);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "expected a count of broken samples, got %d bytes that are not one".formatted(other.length), e);
        }
    }

    /** How many different samples could not be read. */
    int count() {
        return broken.count;
    }

    /**
     * Counts the next sample, and those that it was loaded in place of.
     *
     * @throws BrokenImageException if there are too many
     */
    public void add(LoadedSample loaded) {
        seen.add(loaded.id());
        for (var sample : loaded.broken()) {
            seen.add(sample.id());
            if (!broken.add(sample.id())) {
                continue;
            }
            told.accept(sample.problem());
            int count = count();
            if (count > ALWAYS_BORNE && count > maxShare * seen.count) {
                throw new BrokenImageException(
                        "%d of the %d samples seen so far cannot be read, more than the share of %s that is allowed; the last: %s"
                                .formatted(count, seen.count, maxShare, sample.problem()));
            }
        }
    }
}
