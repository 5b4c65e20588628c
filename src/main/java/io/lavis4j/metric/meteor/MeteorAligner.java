package io.lavis4j.metric.meteor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Chooses matches that do not overlap: as many words as possible, in as few chunks as possible, close to each other.
 *
 * <p>Two peculiarities of METEOR 1.5 decide its choices and are kept. Words are counted in whole numbers, so that a
 * stem or synonym counts nothing and a paraphrase half its words, rounded down. And the distance of a match is added to
 * the path that it left, not to the one that took it.
 */
final class MeteorAligner {

    private static final int BEAM = 40;

    private static final Comparator<Path> BEST_FIRST = Comparator.<Path>comparingInt(path -> -path.matched)
            .thenComparingInt(path -> path.chunks)
            .thenComparingInt(path -> path.distance);

    private final List<List<MeteorMatch>> matches;
    private final MeteorMatch[] fixed;
    private final int hypothesisLength;

    private MeteorAligner(List<List<MeteorMatch>> matches, int hypothesisLength) {
        this.matches = matches;
        this.hypothesisLength = hypothesisLength;
        fixed = new MeteorMatch[matches.size()];
    }

    /** A choice of matches, in the order of the reference. */
    static List<MeteorMatch> align(List<List<MeteorMatch>> matches, int hypothesisLength) {
        return new MeteorAligner(matches, hypothesisLength).run();
    }

    private List<MeteorMatch> run() {
        var start = new Path(matches.size(), hypothesisLength);
        fixUndisputed(start);
        List<Path> paths = new ArrayList<>();
        paths.add(start);
        for (int at = 0; at < matches.size(); at++) {
            var next = new ArrayList<Path>();
            for (var path : paths) {
                extend(path, at, next);
            }
            paths = best(next);
        }
        paths.forEach(Path::closeChunk);
        paths.sort(BEST_FIRST);
        return paths.get(0).chosen();
    }

    /** The first {@link #BEAM}, best first; of equal ones those that came first. */
    private static List<Path> best(List<Path> paths) {
        if (paths.size() == 1) {
            return paths;
        }
        var keys = new long[paths.size()];
        for (int i = 0; i < keys.length; i++) {
            var path = paths.get(i);
            if (path.matched >= 1 << 15 || path.chunks >= 1 << 12 || path.distance >= 1 << 20 || i >= 1 << 16) {
                paths.sort(BEST_FIRST);
                return new ArrayList<>(paths.subList(0, Math.min(BEAM, paths.size())));
            }
            keys[i] = (((1L << 15) - 1 - path.matched) << 48)
                    | ((long) path.chunks << 36)
                    | ((long) path.distance << 16)
                    | i;
        }
        Arrays.sort(keys);
        var best = new ArrayList<Path>(Math.min(BEAM, keys.length));
        for (int i = 0; i < keys.length && i < BEAM; i++) {
            best.add(paths.get((int) (keys[i] & 0xFFFF)));
        }
        return best;
    }

    /** Takes the matches that are alone at their start and overlap nothing. */
    private void fixUndisputed(Path path) {
        var inReference = new int[matches.size()];
        var inHypothesis = new int[hypothesisLength];
        matches.forEach(all -> all.forEach(match -> {
            for (int i = 0; i < match.length(); i++) {
                inReference[match.start() + i]++;
            }
            for (int i = 0; i < match.hypothesisLength(); i++) {
                inHypothesis[match.hypothesisStart() + i]++;
            }
        }));
        for (int at = 0; at < matches.size(); at++) {
            if (matches.get(at).size() == 1) {
                var match = matches.get(at).get(0);
                if (isAlone(inReference, match.start(), match.length())
                        && isAlone(inHypothesis, match.hypothesisStart(), match.hypothesisLength())) {
                    fixed[at] = match;
                    path.use(match);
                }
            }
        }
    }

    private static boolean isAlone(int[] counts, int start, int length) {
        for (int i = start; i < start + length; i++) {
            if (counts[i] != 1) {
                return false;
            }
        }
        return true;
    }

    /** All ways to go on at a word of the reference. */
    private void extend(Path path, int at, List<Path> next) {
        if (fixed[at] != null) {
            path.take(fixed[at]);
            path.distance += distance(fixed[at]);
        } else if (path.isFree(at, 1)) {
            for (var match : matches.get(at)) {
                if (path.hasRoomFor(match)) {
                    var other = new Path(path);
                    other.take(match);
                    path.distance += distance(match);
                    next.add(other);
                }
            }
            path.closeChunk();
        }
        next.add(path);
    }

    private static int distance(MeteorMatch match) {
        return Math.abs(match.start() - match.hypothesisStart());
    }

    private static final class Path {

        /** Bits of the words that are taken: the reference's, then the hypothesis's. */
        private final long[] used;

        private final int referenceLength;
        private @Nullable Chosen last;
        private boolean inChunk;
        private int matched;
        private int chunks;
        private int distance;

        private record Chosen(MeteorMatch match, @Nullable Chosen before) {}

        Path(int referenceLength, int hypothesisLength) {
            this.referenceLength = referenceLength;
            used = new long[(referenceLength + hypothesisLength + Long.SIZE - 1) / Long.SIZE];
        }

        Path(Path other) {
            referenceLength = other.referenceLength;
            used = other.used.clone();
            last = other.last;
            inChunk = other.inChunk;
            matched = other.matched;
            chunks = other.chunks;
            distance = other.distance;
        }

        boolean hasRoomFor(MeteorMatch match) {
            return isFree(match.start(), match.length())
                    && isFree(referenceLength + match.hypothesisStart(), match.hypothesisLength());
        }

        boolean isFree(int start, int length) {
            for (int i = start; i < start + length; i++) {
                if ((used[i / Long.SIZE] & (1L << i)) != 0) {
                    return false;
                }
            }
            return true;
        }

        void use(MeteorMatch match) {
            use(match.start(), match.length());
            use(referenceLength + match.hypothesisStart(), match.hypothesisLength());
        }

        private void use(int start, int length) {
            for (int i = start; i < start + length; i++) {
                used[i / Long.SIZE] |= 1L << i;
            }
        }

        void take(MeteorMatch match) {
            use(match);
            matched += whole(match.module(), match.length()) + whole(match.module(), match.hypothesisLength());
            if (last != null && !match.continues(last.match)) {
                closeChunk();
            }
            inChunk = true;
            last = new Chosen(match, last);
        }

        /** A chunk counts once it has ended. */
        void closeChunk() {
            chunks += inChunk ? 1 : 0;
            inChunk = false;
        }

        private static int whole(MeteorModule module, int words) {
            return module == MeteorModule.EXACT ? words : words / 2;
        }

        List<MeteorMatch> chosen() {
            var chosen = new ArrayList<MeteorMatch>();
            for (var link = last; link != null; link = link.before) {
                chosen.add(0, link.match);
            }
            return chosen;
        }
    }
}
