package io.lavis4j.download;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Fetches one file after the other, each into {@code NAME.part}, which goes on after a dropped connection or another
 * run as long as the server still has the same bytes; otherwise it begins again. A file has its final name when its
 * size and checksum are right, and not before. Of several processes one fetches a file, and the others find it done. In
 * a process no two threads may fetch the same file.
 */
public final class Fetcher {

    private final Http http;
    private final Attempts attempts;
    private final Disk disk;

    /** A fetcher on this machine's network, clock and disk. */
    public Fetcher(Http http, Patience patience) {
        this(http, patience, Pauses.ofMachine(), Disk.ofMachine(), Clock.systemUTC());
    }

    Fetcher(Http http, Patience patience, Pauses pauses, Disk disk, Clock clock) {
        this.http = http;
        this.attempts = new Attempts(patience, pauses, clock);
        this.disk = disk;
    }

    Http http() {
        return http;
    }

    /** How it is tried, again and again. */
    Attempts attempts() {
        return attempts;
    }

    /**
     * Fetches a file, unless it is there.
     *
     * @throws IOException if it cannot be had; the message says why and what to do, and what came stays as a part
     */
    public void fetch(Download download, TransferListener listener) throws IOException, InterruptedException {
        try (var part = open(download, listener)) {
            if (part == null) {
                return;
            }
            boolean pieces = part.size() > 0;
            for (boolean again = false; ; again = true) {
                pieces |= complete(download, part, listener);
                String fault = fault(download, part);
                if (fault == null) {
                    part.finish();
                    return;
                }
                part.startOver(null);
                if (!pieces || again) {
                    throw new RefusedException(fault);
                }
                // the pieces may have been of different files: once more, in pieces of one
                listener.note(fault + "; it was made of several pieces, and begins again");
            }
        }
    }

    /** The unpacking of an archive that this has fetched, on the same disk. */
    Unpacking unpacking(Path archive, Path folder, TransferListener listener) {
        return new Unpacking(archive, folder, disk, attempts.pauses(), listener);
    }

    /** The part, locked; {@code null} if the file is there. */
    private @Nullable PartFile open(Download download, TransferListener listener)
            throws IOException, InterruptedException {
        var target = download.target();
        for (boolean told = false; !Files.isRegularFile(target); told = true) {
            var part = PartFile.open(target, disk);
            if (part == null) {
                if (!told) {
                    listener.note(target.getFileName() + " is being fetched by another process, which is waited for");
                }
                attempts.pauses().pause(ProcessLock.AGAIN);
            } else if (part.isFinished()) {
                part.close();
            } else {
                return part;
            }
        }
        return null;
    }

    /**
     * Fetches until the part is as long as the server says.
     *
     * @return whether that took several responses
     */
    private boolean complete(Download download, PartFile part, TransferListener listener)
            throws IOException, InterruptedException {
        long furthest = part.size();
        boolean several = false;
        for (int failures = 0; ; several = true) {
            try {
                if (attempt(download, part, listener)) {
                    return several;
                }
            } catch (RefusedException e) {
                throw e;
            } catch (IOException e) {
                failures = part.size() > furthest ? 1 : failures + 1;
                furthest = Math.max(furthest, part.size());
                if (failures >= attempts.patience().attempts()) {
                    throw new IOException(
                            "%s: given up after %d attempts in a row that brought nothing new, the last one: %s. %s are kept in %s.part; the same command goes on there"
                                    .formatted(
                                            download.address(),
                                            failures,
                                            Attempts.reason(e),
                                            Units.bytes(part.size()),
                                            download.target().getFileName()),
                            e);
                }
                String what = "%s at %s".formatted(download.target().getFileName(), Units.bytes(part.size()));
                attempts.pause(what, failures, e, listener);
            }
        }
    }

    /** One request; {@code true} if the part is whole now, {@code false} if it has to begin again. */
    private boolean attempt(Download download, PartFile part, TransferListener listener)
            throws IOException, InterruptedException {
        var known = part.validator();
        long have = part.size();
        if (have > 0 && !goesOn(download, known, have)) {
            part.startOver(null);
            known = null;
            have = 0;
        }
        if (known != null && have > 0 && Long.valueOf(have).equals(known.size())) {
            return true; // killed between the last byte and the final name
        }
        try (var answer = http.get(download.address(), download.token(), range(have, known))) {
            boolean aboutRange = answer.status() == 206 || answer.status() == 416;
            if (aboutRange && have == 0) {
                throw refusal(download, answer); // nothing was asked of it
            }
            return switch (answer.status()) {
                case 200 -> {
                    Long size = length(download, answer);
                    part.startOver(answer.validator(size));
                    yield copy(download, size, part, answer, listener);
                }
                case 206 -> {
                    Long size = answer.contentRange().size();
                    yield continues(answer, known, have)
                            ? copy(download, size == null ? download.size() : size, part, answer, listener)
                            : restarted(part, listener, download);
                }
                case 416 -> {
                    Long size = answer.contentRange().size();
                    boolean whole = Long.valueOf(have).equals(size) && isSame(answer, known);
                    yield whole || restarted(part, listener, download);
                }
                default -> throw refusal(download, answer);
            };
        }
    }

    /** Whether what is here can be told from other bytes: by the server's word, or in the end by the checksum. */
    private static boolean goesOn(Download download, @Nullable Validator known, long have) {
        return known != null
                && (known.identifies() || download.checksum() != null)
                && (known.size() == null || have <= known.size());
    }

    private static Map<String, String> range(long have, @Nullable Validator known) {
        var headers = new LinkedHashMap<String, String>();
        if (have > 0 && known != null) {
            headers.put("Range", "bytes=%d-".formatted(have));
            String condition = known.ifRange();
            if (condition != null) {
                headers.put("If-Range", condition);
            }
        }
        return headers;
    }

    /** Whether the bytes that follow are those after the part. */
    private static boolean continues(Answer answer, @Nullable Validator known, long have) {
        return Long.valueOf(have).equals(answer.contentRange().first()) && isSame(answer, known);
    }

    private static boolean isSame(Answer answer, @Nullable Validator known) {
        return known != null
                && !known.contradicts(answer.validator(answer.contentRange().size()));
    }

    private static boolean restarted(PartFile part, TransferListener listener, Download download) throws IOException {
        listener.note("%s: the server has other bytes than those that are here; it begins again"
                .formatted(download.target().getFileName()));
        part.startOver(null);
        return false;
    }

    /** The length of the whole file; what is published and what the server says must agree. */
    private static @Nullable Long length(Download download, Answer answer) throws RefusedException {
        Long said = answer.number("Content-Length"), published = download.size();
        String encoding = answer.header("Content-Encoding");
        if (encoding != null && !encoding.equals("identity")) {
            throw new RefusedException(
                    "%s comes in the encoding %s, which was not asked for; name another address by --mirror"
                            .formatted(answer.address(), encoding));
        }
        if (said != null && published != null && !said.equals(published)) {
            throw new RefusedException(
                    "%s has %d bytes, but is published with %d; if its owner has replaced it, give its new size in a file for --catalog"
                            .formatted(answer.address(), said, published));
        }
        return said == null ? published : said;
    }

    private boolean copy(
            Download download, @Nullable Long size, PartFile part, Answer answer, TransferListener listener)
            throws IOException, InterruptedException {
        long at = part.size(), total = size == null ? TransferListener.UNKNOWN : size;
        if (size != null) {
            part.requireRoom(size - at);
        }
        listener.at(download.target(), at, total);
        for (var pieces = answer.body().next(attempts.patience().stall());
                pieces != null;
                pieces = answer.body().next(attempts.patience().stall())) {
            for (var piece : pieces) {
                at += piece.remaining();
                if (size != null && at > size) {
                    part.startOver(null);
                    throw new RefusedException(
                            "%s sends more than the %d bytes that it should have; nothing of it is kept"
                                    .formatted(answer.address(), size));
                }
                part.append(piece);
            }
            listener.at(download.target(), at, total);
        }
        if (size != null && at < size) {
            throw new IOException("it ended after %d of %d bytes".formatted(at, size));
        }
        return true;
    }

    private IOException refusal(Download download, Answer answer) throws IOException {
        attempts.requireNotPassing(answer);
        URI address = answer.address();
        int status = answer.status();
        String advice = switch (status) {
            case 401, 403 ->
                download.ifDenied() == null
                        ? "it is not for everybody; fetch it by hand to %s".formatted(download.target())
                        : download.ifDenied();
            case 404, 410 -> "it is not there any more; name another address by --mirror or --catalog";
            default -> "name another address by --mirror or --catalog";
        };
        return new RefusedException("%s answers %d: %s".formatted(address, status, advice));
    }

    /** What is wrong with a whole part; {@code null} if nothing is. */
    private static @Nullable String fault(Download download, PartFile part) throws IOException {
        Long size = download.size();
        if (size != null && size != part.size()) {
            return "%s came with %d bytes, expected %d".formatted(download.address(), part.size(), size);
        }
        var expected = download.checksum();
        if (expected == null) {
            return null;
        }
        var found = part.checksum(expected.kind());
        return found.equals(expected)
                ? null
                : "%s came with checksum %s, expected %s; it is not kept. Fetch it again, and if that is no better, from another place (--mirror)"
                        .formatted(download.address(), found, expected);
    }
}
