package io.lavis4j.metric.meteor;

import io.lavis4j.metric.CaptionItem;
import io.lavis4j.metric.CaptionScores;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * METEOR 1.5 for English (Denkowski and Lavie, 2014) as the COCO caption evaluation calls it: the ranking task's
 * parameters, with normalisation.
 *
 * <p>Its word lists and tables are not part of this library and are read from the user's copy of METEOR. Thread-safe.
 */
public final class Meteor {

    private final MeteorVariant variant;
    private final MeteorData data;
    private final Map<String, MeteorMatcher.Word> known = new ConcurrentHashMap<>();

    private Meteor(MeteorVariant variant, MeteorData data) {
        this.variant = variant;
        this.data = data;
    }

    /**
     * Reads what a variant needs; the paraphrase table is read when there are texts, a second for each corpus.
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
        var best = stats(tokenised);
        var items = best.stream().mapToDouble(MeteorStats::score).toArray();
        return scores.with(items, MeteorStats.part(variant.metric(), best));
    }

    /** An item's texts. */
    private record Words(List<MeteorMatcher.Word> hypothesis, List<List<MeteorMatcher.Word>> references) {}

    /** The numbers of each item's reference with the highest score, the first of several. */
    List<MeteorStats> stats(List<CaptionItem> items) {
        var file = data.paraphrases();
        if (file == null) {
            return stats(words(items), null);
        }
        try (var unpacked = file.unpack()) { // while words are looked up
            var words = words(items);
            var texts = Stream.concat(
                            words.stream().map(Words::hypothesis),
                            words.stream().flatMap(w -> w.references().stream()))
                    .toList();
            return stats(words, file.table(unpacked, texts));
        }
    }

    private List<MeteorStats> stats(List<Words> words, @Nullable ParaphraseTable paraphrases) {
        var matcher = new MeteorMatcher(variant, paraphrases);
        return words.parallelStream().map(item -> stats(item, matcher)).toList();
    }

    private static MeteorStats stats(Words item, MeteorMatcher matcher) {
        var hypothesis = matcher.text(item.hypothesis());
        MeteorStats best = null;
        double highest = -1;
        for (var words : item.references()) {
            var reference = matcher.text(words);
            var matches = MeteorAligner.align(
                    matcher.matches(hypothesis, reference), hypothesis.words().size());
            var stats = MeteorStats.of(hypothesis.words(), reference.words(), matches);
            double score = stats.score();
            if (best == null || score > highest) {
                best = stats;
                highest = score;
            }
        }
        return Objects.requireNonNull(best);
    }

    private List<Words> words(List<CaptionItem> items) {
        return items.parallelStream().map(this::words).toList();
    }

    private Words words(CaptionItem item) {
        if (item.references().isEmpty()) {
            throw new IllegalStateException("item %s has no reference".formatted(item.id()));
        }
        return new Words(
                words(withoutBars(item.hypothesis())),
                item.references().stream().map(this::words).toList());
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
        long bits = 0;
        for (int synset : synsets) {
            bits |= 1L << ((synset * ParaphraseTable.SEED) >>> 58);
        }
        return new MeteorMatcher.Word(
                text, EnglishStemmer.stem(text), synsets, bits, ParaphraseTable.hash(text), data.isFunctionWord(text));
    }
}
