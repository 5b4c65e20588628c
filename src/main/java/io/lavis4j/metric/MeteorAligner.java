package io.lavis4j.metric;

import java.util.ArrayList;
import java.util.BitSet;
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
        var start = new Path();
        fixUndisputed(start);
        var paths = new ArrayList<Path>();
        paths.add(start);
        for (int at = 0; at < matches.size(); at++) {
            var next = new ArrayList<Path>();
            for (var path : paths) {
                extend(path, at, next);
            }
            next.sort(BEST_FIRST);
            paths = next.size() > BEAM ? new ArrayList<>(next.subList(0, BEAM)) : next;
        }
        paths.forEach(Path::closeChunk);
        paths.sort(BEST_FIRST);
        return paths.get(0).chosen();
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
                    path.reference.set(match.start(), match.start() + match.length());
                    path.hypothesis.set(match.hypothesisStart(), match.hypothesisStart() + match.hypothesisLength());
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
        } else if (!path.reference.get(at)) {
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

        private final BitSet reference;
        private final BitSet hypothesis;
        private @Nullable Chosen last;
        private boolean inChunk;
        private int matched;
        private int chunks;
        private int distance;

        private record Chosen(MeteorMatch match, @Nullable Chosen before) {}

        Path() {
            reference = new BitSet();
            hypothesis = new BitSet();
        }

        Path(Path other) {
            reference = (BitSet) other.reference.clone();
            hypothesis = (BitSet) other.hypothesis.clone();
            last = other.last;
            inChunk = other.inChunk;
            matched = other.matched;
            chunks = other.chunks;
            distance = other.distance;
        }

        boolean hasRoomFor(MeteorMatch match) {
            return isFree(reference, match.start(), match.length())
                    && isFree(hypothesis, match.hypothesisStart(), match.hypothesisLength());
        }

        private static boolean isFree(BitSet words, int start, int length) {
            int used = words.nextSetBit(start);
            return used < 0 || used >= start + length;
        }

        void take(MeteorMatch match) {
            reference.set(match.start(), match.start() + match.length());
            hypothesis.set(match.hypothesisStart(), match.hypothesisStart() + match.hypothesisLength());
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
