package io.lavis4j.metric;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds all matches of a hypothesis and a reference, per first word of the reference, module after module. */
final class MeteorMatcher {

    /**
     * A word with what modules compare.
     *
     * @param synsets ascending
     * @param hash for {@link ParaphraseTable}
     */
    record Word(String text, String stem, int[] synsets, long hash, boolean isFunction) {

        boolean sharesSynset(Word other) {
            int i = 0;
            int j = 0;
            while (i < synsets.length && j < other.synsets.length) {
                if (synsets[i] == other.synsets[j]) {
                    return true;
                }
                if (synsets[i] < other.synsets[j]) {
                    i++;
                } else {
                    j++;
                }
            }
            return false;
        }
    }

    private final MeteorVariant variant;
    private final @Nullable ParaphraseTable paraphrases;

    MeteorMatcher(MeteorVariant variant, @Nullable ParaphraseTable paraphrases) {
        this.variant = variant;
        this.paraphrases = paraphrases;
    }

    /** One list per word of the reference, of the matches that start there. Equal texts match exactly only. */
    List<List<MeteorMatch>> matches(List<Word> hypothesis, List<Word> reference) {
        var matches = new ArrayList<List<MeteorMatch>>();
        reference.forEach(word -> matches.add(new ArrayList<>()));
        boolean equal = hypothesis.stream()
                .map(Word::text)
                .toList()
                .equals(reference.stream().map(Word::text).toList());
        for (var module : new MeteorModule[] {MeteorModule.EXACT, MeteorModule.STEM, MeteorModule.SYNONYM}) {
            if (module == MeteorModule.EXACT || (!equal && variant.uses(module))) {
                words(module, hypothesis, reference, matches);
            }
        }
        if (!equal && paraphrases != null) {
            phrases(paraphrases, hypothesis, reference, matches);
        }
        return matches;
    }

    private static void words(
            MeteorModule module, List<Word> hypothesis, List<Word> reference, List<List<MeteorMatch>> matches) {
        for (int j = 0; j < reference.size(); j++) {
            for (int i = 0; i < hypothesis.size(); i++) {
                if (match(module, hypothesis.get(i), reference.get(j))) {
                    matches.get(j).add(new MeteorMatch(module, j, 1, i, 1));
                }
            }
        }
    }

    private static boolean match(MeteorModule module, Word a, Word b) {
        boolean same = a.text.equals(b.text);
        return switch (module) {
            case EXACT -> same;
            case STEM -> !same && a.stem.equals(b.stem);
            case SYNONYM -> !same && a.sharesSynset(b);
            case PARAPHRASE -> false;
        };
    }

    /** Looks up phrases of both sides, and adds a match for each direction that the table has. */
    private static void phrases(
            ParaphraseTable paraphrases, List<Word> hypothesis, List<Word> reference, List<List<MeteorMatch>> matches) {
        var ofHypothesis = phrases(paraphrases, hypothesis);
        var ofReference = phrases(paraphrases, reference);
        for (var h : ofHypothesis) {
            inTableOrder(paraphrases, h, ofReference)
                    .forEach(r -> matches.get(r.start).add(match(r, h)));
        }
        for (var r : ofReference) {
            inTableOrder(paraphrases, r, ofHypothesis)
                    .forEach(h -> matches.get(r.start).add(match(r, h)));
        }
    }

    private static MeteorMatch match(Phrase inReference, Phrase inHypothesis) {
        return new MeteorMatch(
                MeteorModule.PARAPHRASE,
                inReference.start,
                inReference.length,
                inHypothesis.start,
                inHypothesis.length);
    }

    /** The phrases of the other side that paraphrase this one. */
    private static Stream<Phrase> inTableOrder(ParaphraseTable paraphrases, Phrase phrase, List<Phrase> others) {
        if (!phrase.isFirst) {
            return Stream.empty();
        }
        record Placed(int place, Phrase phrase) {}
        return others.stream()
                .filter(Phrase::isSecond)
                .map(other -> new Placed(paraphrases.place(phrase.hash, other.hash), other))
                .filter(placed -> placed.place >= 0)
                .sorted(Comparator.comparingInt(Placed::place))
                .map(Placed::phrase);
    }

    private record Phrase(int start, int length, long hash, boolean isFirst, boolean isSecond) {}

    /** The phrases that the table has on one of its sides. */
    private static List<Phrase> phrases(ParaphraseTable paraphrases, List<Word> words) {
        var phrases = new ArrayList<Phrase>();
        for (int start = 0; start < words.size(); start++) {
            long hash = 0;
            for (int length = 1; length <= paraphrases.longest() && start + length <= words.size(); length++) {
                hash = ParaphraseTable.longer(hash, words.get(start + length - 1).hash);
                boolean isFirst = paraphrases.hasFirst(hash);
                boolean isSecond = paraphrases.mayHaveSecond(hash);
                if (isFirst || isSecond) {
                    phrases.add(new Phrase(start, length, hash, isFirst, isSecond));
                }
            }
        }
        return phrases;
    }
}
