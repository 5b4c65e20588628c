package io.lavis4j.metric.meteor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import io.lavis4j.metric.CaptionItem;
import io.lavis4j.metric.CaptionMetrics;
import io.lavis4j.metric.MetricFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * METEOR 1.5 as pycocoevalcap 1.2 runs it, all modules and fewer: item and corpus scores, and the numbers they are made
 * of.
 *
 * <p>Needs METEOR's own data, which the project does not ship: {@code -Dmeteor.data=} names pycocoevalcap's folder
 * {@code meteor}.
 */
@EnabledIfSystemProperty(
        named = "meteor.data",
        matches = ".+",
        disabledReason = "meteor.data names no copy of METEOR's word lists and tables")
class MeteorMetricParityTest {

    private static final double TOLERANCE = 1e-6;

    private static final Map<String, MeteorVariant> VARIANTS = Map.of(
            "exact", MeteorVariant.EXACT,
            "exact_stem", MeteorVariant.EXACT_STEM,
            "exact_stem_synonym", MeteorVariant.EXACT_STEM_SYNONYM,
            "exact_stem_synonym_paraphrase", MeteorVariant.FULL);

    @TestFactory
    Stream<DynamicTest> everyVariantScoresAsInTheReference() {
        var tests = new ArrayList<DynamicTest>();
        for (var file : MetricFiles.of("meteor_variants")) {
            for (var variant : MetricFiles.json(file).properties()) {
                var meteor = open(variant(variant.getKey()));
                for (var corpus : variant.getValue().properties()) {
                    var name = "%s: %s, %s".formatted(file.getFileName(), variant.getKey(), corpus.getKey());
                    tests.add(dynamicTest(
                            name,
                            () -> assertScores(
                                    meteor,
                                    variant(variant.getKey()),
                                    items(captions(file.getFileName().toString(), corpus.getKey())),
                                    corpus.getValue().get("items"),
                                    "/score",
                                    "/stats",
                                    corpus.getValue().get("corpus").doubleValue())));
                }
            }
        }
        assertThat(tests).isNotEmpty();
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> captionsScoreAsInTheReference() {
        var meteor = open(MeteorVariant.FULL);
        var tests = new ArrayList<DynamicTest>();
        for (var file : MetricFiles.of("captions")) {
            for (var corpus : MetricFiles.json(file).get("corpora")) {
                tests.add(dynamicTest(
                        file.getFileName() + ": " + corpus.get("name").asText(),
                        () -> assertScores(
                                meteor,
                                MeteorVariant.FULL,
                                items(corpus),
                                corpus.get("items"),
                                "/scores/METEOR",
                                "/scores/meteor_stats",
                                corpus.at("/corpus/METEOR").doubleValue())));
            }
        }
        assertThat(tests).isNotEmpty();
        return tests.stream();
    }

    private static MeteorVariant variant(String name) {
        return Objects.requireNonNull(VARIANTS.get(name), name);
    }

    private static Meteor open(MeteorVariant variant) {
        return Meteor.open(Path.of(System.getProperty("meteor.data")), variant);
    }

    /** The corpus of that name in the captions that belong to a file of variants. */
    private static JsonNode captions(String variantsFile, String corpus) {
        var file = MetricFiles.root().resolve(variantsFile.replace("meteor_variants", "captions"));
        for (var candidate : MetricFiles.json(file).get("corpora")) {
            if (candidate.get("name").asText().equals(corpus)) {
                return candidate;
            }
        }
        throw new AssertionError("%s has no corpus %s".formatted(file, corpus));
    }

    private static List<CaptionItem> items(JsonNode corpus) {
        return CaptionMetrics.tokenize(MetricFiles.items(corpus));
    }

    private static void assertScores(
            Meteor meteor,
            MeteorVariant variant,
            List<CaptionItem> items,
            JsonNode expected,
            String scorePath,
            String statsPath,
            double corpusScore) {
        assertThat(items).hasSameSizeAs(expected);
        var stats = meteor.stats(items);
        for (int i = 0; i < items.size(); i++) {
            var numbers = new ArrayList<Integer>();
            expected.get(i).at(statsPath).forEach(number -> numbers.add(number.intValue()));
            assertThat(stats.get(i).numbers())
                    .as("numbers of item %s", items.get(i).id())
                    .containsExactly(
                            numbers.stream().mapToInt(Integer::intValue).toArray());
        }
        var scores = meteor.addTo(CaptionMetrics.score(items), items);
        assertThat(scores.corpus().get(variant.metric())).isCloseTo(corpusScore, within(TOLERANCE));
        for (int i = 0; i < items.size(); i++) {
            assertThat(scores.item(i).get(variant.metric()))
                    .as("score of item %s", items.get(i).id())
                    .isCloseTo(expected.get(i).at(scorePath).doubleValue(), within(TOLERANCE));
        }
    }
}
