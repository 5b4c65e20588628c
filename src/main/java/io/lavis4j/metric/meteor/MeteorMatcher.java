package io.lavis4j.metric.meteor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Finds all matches of a hypothesis and a reference, per first word of the reference, module after module. */
final class MeteorMatcher {

    /**
     * A word with what modules compare.
     *
     * @param synsets ascending
     * @param synsetBits has a bit for each synset, which others may share
     * @param hash for {@link ParaphraseTable}
     */
    record Word(String text, String stem, int[] synsets, long synsetBits, long hash, boolean isFunction) {

        boolean sharesSynset(Word other) {
            if ((synsetBits & other.synsetBits) == 0) {
                return false;
            }
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

    private static final List<MeteorModule> WORD_MODULES =
            List.of(MeteorModule.EXACT, MeteorModule.STEM, MeteorModule.SYNONYM);

    private final MeteorVariant variant;
    private final @Nullable ParaphraseTable paraphrases;

    MeteorMatcher(MeteorVariant variant, @Nullable ParaphraseTable paraphrases) {
        this.variant = variant;
        this.paraphrases = paraphrases;
    }

    /**
     * A text with what the table is asked for.
     *
     * @param phrases that the table has on one of its sides
     */
    record Text(List<Word> words, List<Phrase> phrases) {

        boolean isEqual(Text other) {
            if (words.size() != other.words.size()) {
                return false;
            }
            for (int i = 0; i < words.size(); i++) {
                if (!words.get(i).text.equals(other.words.get(i).text)) {
                    return false;
                }
            }
            return true;
        }
    }

    /** A text to match, once or several times. */
    Text text(List<Word> words) {
        return new Text(words, paraphrases == null ? List.of() : phrases(paraphrases, words));
    }

    /** One list per word of the reference, of the matches that start there. Equal texts match exactly only. */
    List<List<MeteorMatch>> matches(Text hypothesis, Text reference) {
        var matches = new ArrayList<List<MeteorMatch>>();
        reference.words.forEach(word -> matches.add(new ArrayList<>()));
        boolean equal = hypothesis.isEqual(reference);
        for (var module : WORD_MODULES) {
            if (module == MeteorModule.EXACT || (!equal && variant.uses(module))) {
                words(module, hypothesis.words, reference.words, matches);
            }
        }
        if (!equal && paraphrases != null) {
            phrases(hypothesis.phrases, reference.phrases, matches);
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
    private static void phrases(List<Phrase> ofHypothesis, List<Phrase> ofReference, List<List<MeteorMatch>> matches) {
        for (var h : ofHypothesis) {
            inTableOrder(h, ofReference, r -> matches.get(r.start).add(match(r, h)));
        }
        for (var r : ofReference) {
            inTableOrder(r, ofHypothesis, h -> matches.get(r.start).add(match(r, h)));
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
    private static void inTableOrder(Phrase phrase, List<Phrase> others, Consumer<Phrase> found) {
        var paraphrasesOf = phrase.paraphrases;
        if (paraphrasesOf == null) {
            return;
        }
        var placed = new long[others.size()]; // place, then number
        int count = 0;
        for (int i = 0; i < placed.length; i++) {
            if (others.get(i).isSecond) {
                int place = paraphrasesOf.get(others.get(i).hash);
                if (place >= 0) {
                    placed[count++] = ((long) place << 32) | i;
                }
            }
        }
        Arrays.sort(placed, 0, count);
        for (int i = 0; i < count; i++) {
            found.accept(others.get((int) placed[i]));
        }
    }

    /**
     * Words of a text, as the table knows them.
     *
     * @param paraphrases {@code null} if there are none
     * @param isSecond whether it is a paraphrase
     */
    record Phrase(
            int start, int length, long hash, @Nullable LongTable paraphrases, boolean isSecond) {}

    /** The phrases that the table has on one of its sides. */
    private static List<Phrase> phrases(ParaphraseTable paraphrases, List<Word> words) {
        var phrases = new ArrayList<Phrase>();
        for (int start = 0; start < words.size(); start++) {
            long hash = 0;
            for (int length = 1; length <= paraphrases.longest() && start + length <= words.size(); length++) {
                hash = ParaphraseTable.longer(hash, words.get(start + length - 1).hash);
                var paraphrasesOf = paraphrases.paraphrases(hash);
                boolean isSecond = paraphrases.hasSecond(hash);
                if (paraphrasesOf != null || isSecond) {
                    phrases.add(new Phrase(start, length, hash, paraphrasesOf, isSecond));
                }
            }
        }
        return phrases;
    }
}
