package io.lavis4j.metric;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * METEOR 1.5 for English (Denkowski and Lavie, 2014) as the COCO caption evaluation calls it: the ranking task's
 * parameters, with normalisation.
 *
 * <p>Its word lists and tables are not part of this library and are read from the user's copy of METEOR. Thread-safe.
 */
public final class Meteor {

    private final MeteorVariant variant;
    private final MeteorData data;
    private final MeteorMatcher matcher;
    private final Map<String, MeteorMatcher.Word> known = new ConcurrentHashMap<>();

    private Meteor(MeteorVariant variant, MeteorData data) {
        this.variant = variant;
        this.data = data;
        matcher = new MeteorMatcher(variant, data.paraphrases());
    }

    /**
     * Reads what a variant needs, the paraphrase table in some seconds.
     *
     * @param data {@code meteor-1.5.jar}, or a folder with it or with what it contains; the paraphrase table
     *     {@code paraphrase-en.gz} lies there too, or in the subfolder {@code data}
     * @throws IllegalArgumentException if something is missing, saying what and where to get it
     */
    public static Meteor open(Path data, MeteorVariant variant) {
        return new Meteor(variant, MeteorData.open(data, variant));
    }

    /** The scores with this variant's added, under its name. {@code tokenised} are the items that were scored. */
    public CaptionScores addTo(CaptionScores scores, List<CaptionItem> tokenised) {
        var best = tokenised.parallelStream().map(this::stats).toList();
        var items = best.stream().mapToDouble(MeteorStats::score).toArray();
        return scores.with(items, MeteorStats.part(variant.metric(), best));
    }

    /** The numbers of the reference with the highest score, the first of several. */
    MeteorStats stats(CaptionItem item) {
        var hypothesis = matcher.text(words(withoutBars(item.hypothesis())));
        MeteorStats best = null;
        double highest = -1;
        for (var text : item.references()) {
            var reference = matcher.text(words(text));
            var matches = MeteorAligner.align(
                    matcher.matches(hypothesis, reference), hypothesis.words().size());
            var stats = MeteorStats.of(hypothesis.words(), reference.words(), matches);
            double score = stats.score();
            if (best == null || score > highest) {
                best = stats;
                highest = score;
            }
        }
        if (best == null) {
            throw new IllegalStateException("item %s has no reference".formatted(item.id()));
        }
        return best;
    }

    /** The hypothesis as it is compared: the reference's protocol separates texts by three bars. */
    static String withoutBars(String hypothesis) {
        return hypothesis.replace("|||", "").replace("  ", " ");
    }

    private List<MeteorMatcher.Word> words(String text) {
        return data.normalizer().words(text).stream()
                .map(word -> known.computeIfAbsent(word, this::word))
                .toList();
    }

    private MeteorMatcher.Word word(String text) {
        var synsets = data.synsets(text);
        Arrays.sort(synsets);
        return new MeteorMatcher.Word(
                text, EnglishStemmer.stem(text), synsets, ParaphraseTable.hash(text), data.isFunctionWord(text));
    }
}
