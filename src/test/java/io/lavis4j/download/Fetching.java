package io.lavis4j.download;

import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A fetcher whose pauses take no time, and what it was up to. */
final class Fetching implements TransferListener {

    static final Instant NOW = Instant.parse("2026-03-04T12:00:00Z");

    final List<Duration> pauses = Collections.synchronizedList(new ArrayList<>());
    final List<String> notes = Collections.synchronizedList(new ArrayList<>());
    final LimitedDisk disk = new LimitedDisk();
    final Path target;
    private final Patience patience;

    Fetching(Path target) {
        this(target, 4, Duration.ofSeconds(5));
    }

    Fetching(Path target, int attempts, Duration stall) {
        this.target = target;
        patience = new Patience(
                Duration.ofSeconds(5),
                stall,
                attempts,
                Duration.ofSeconds(1),
                Duration.ofSeconds(8),
                Duration.ofMinutes(10));
    }

    Http http() {
        return new Http(patience, ProxySelector.of(null));
    }

    Fetcher fetcher() {
        return new Fetcher(http(), patience, pauses::add, disk, Clock.fixed(NOW, ZoneOffset.UTC));
    }

    void fetch(URI address) throws IOException, InterruptedException {
        fetch(address, null, null);
    }

    void fetch(URI address, @Nullable Long size, @Nullable Checksum checksum) throws IOException, InterruptedException {
        fetcher().fetch(new Download(address, target, size, checksum), this);
    }

    Path part() {
        return target.resolveSibling(target.getFileName() + ".part");
    }

    /** Bytes that are not the same anywhere else. */
    static byte[] random(int size, int seed) {
        var bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @Override
    public void at(Path file, long position, long size) {}

    @Override
    public void note(String event) {
        notes.add(event);
    }

    /** A disk that is full after so many bytes. */
    static final class LimitedDisk implements Disk {

        long room = Long.MAX_VALUE;
        /** What the system says while there is any, as others write, too. */
        long said = Long.MAX_VALUE;

        @Override
        public long free(Path folder) {
            return room == 0 ? 0 : said;
        }

        @Override
        public void write(FileChannel out, ByteBuffer bytes) throws IOException {
            int count = (int) Math.min(bytes.remaining(), room);
            var some = bytes.duplicate().limit(bytes.position() + count);
            while (some.hasRemaining()) {
                out.write(some);
            }
            room -= count;
            if (count < bytes.remaining()) {
                throw new IOException("No space left on device");
            }
        }
    }

    static Checksum sha256(byte[] content) throws NoSuchAlgorithmException {
        return new Checksum(
                Checksum.Kind.SHA256,
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content)));
    }
}
