package io.lavis4j.features;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rows in a folder of {@link Segment}s, one of which this process writes. What other processes write meanwhile is found
 * within a second of a row being missed; two that need the same row at once may both write it.
 */
final class DiskStore implements FeatureStore {

    private static final Logger LOG = LoggerFactory.getLogger(DiskStore.class);
    private static final String SUFFIX = ".features";
    private static final long PAUSE = 200_000_000; // ns

    private final Path folder;
    private final int bytes;
    private final Supplier<String> names;
    private final Map<Fingerprint, Row> rows = new ConcurrentHashMap<>();
    private final Map<Path, Segment> segments = new HashMap<>();
    private @Nullable Segment own;
    private @Nullable ByteBuffer buffer;
    private volatile long looked;

    private record Row(Segment segment, long place) {}

    /**
     * The rows that are in a folder, which is made if it is not there.
     *
     * @param bytes of a row
     */
    DiskStore(Path folder, int bytes) {
        this(folder, bytes, () -> UUID.randomUUID().toString());
    }

    /** @param names of new segments */
    DiskStore(Path folder, int bytes, Supplier<String> names) {
        this.folder = folder;
        this.bytes = bytes;
        this.names = names;
        try {
            Files.createDirectories(folder);
            look();
        } catch (IOException e) {
            close();
            throw new UncheckedIOException("the vision features in %s cannot be read (%s)".formatted(folder, e), e);
        }
    }

    @Override
    public int size() {
        return rows.size();
    }

    @Override
    public boolean read(Fingerprint key, ByteBuffer place) {
        var row = find(key);
        if (row == null) {
            return false;
        }
        try {
            if (row.segment().read(row.place(), place)) {
                return true;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "vision features cannot be read from %s (%s); remove the file to have them made anew"
                            .formatted(row.segment(), e),
                    e);
        }
        if (rows.remove(key, row)) {
            discard(row);
        }
        return false;
    }

    /** The record that takes the place of a damaged one may be in a segment that comes after it. */
    private static void discard(Row damaged) {
        try {
            damaged.segment().discard(damaged.place());
            LOG.warn(
                    "Vision features at byte {} of {} are damaged and are made anew",
                    damaged.place(),
                    damaged.segment());
        } catch (IOException e) {
            LOG.warn(
                    "Vision features at byte {} of {} are damaged, and are made anew in each run, as the file cannot be written ({}); remove it",
                    damaged.place(),
                    damaged.segment(),
                    e.toString());
        }
    }

    private @Nullable Row find(Fingerprint key) {
        var row = rows.get(key);
        if (row == null && System.nanoTime() - looked > PAUSE) {
            try {
                look();
            } catch (IOException e) {
                throw new UncheckedIOException("the vision features in %s cannot be read (%s)".formatted(folder, e), e);
            }
            row = rows.get(key);
        }
        return row;
    }

    private synchronized void look() throws IOException {
        try (var files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
            for (var file : files) {
                if (!segments.containsKey(file)) {
                    segments.put(file, new Segment(file, bytes, StandardOpenOption.READ));
                }
            }
        }
        for (var segment : segments.values()) {
            if (segment != own) {
                segment.look((key, place) -> rows.putIfAbsent(key, new Row(segment, place)));
            }
        }
        looked = System.nanoTime();
    }

    @Override
    public synchronized void write(Fingerprint key, ByteBuffer row) {
        if (rows.containsKey(key)) {
            return;
        }
        try {
            var segment = own();
            var record = buffer == null ? segment.buffer() : buffer;
            buffer = record;
            rows.put(key, new Row(segment, segment.append(key, row, record)));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "vision features cannot be written in %s (%s); the %d that are there stay and are used again. Make room, or keep smaller ones with run.%s=int8, or name another folder in run.%s"
                            .formatted(folder, e, rows.size(), FeatureCacheConfig.TYPE, FeatureCacheConfig.FOLDER),
                    e);
        }
    }

    private Segment own() throws IOException {
        var segment = own;
        if (segment == null) {
            var file = folder.resolve(names.get() + SUFFIX);
            segment = new Segment(
                    file, bytes, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            segments.put(file, segment);
            own = segment;
        }
        return segment;
    }

    @Override
    public synchronized void close() {
        rows.clear();
        for (var segment : segments.values()) {
            try {
                segment.close();
            } catch (IOException e) {
                LOG.warn("{} cannot be closed ({})", segment, e.toString());
            }
        }
        segments.clear();
        own = null;
    }
}
