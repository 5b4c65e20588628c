package io.lavis4j.metric.meteor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lavis4j.metric.CaptionItem;
import io.lavis4j.metric.CaptionMetrics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** METEOR on word lists and tables of a few lines, in METEOR's formats. */
class MeteorTest {

    @TempDir
    Path folder;

    @BeforeEach
    void writeData() throws IOException {
        write("function/english.words", "the\na\nof\nis\n");
        write("nonbreaking/english.prefixes", "# titles\nDr\nNo #NUMERIC_ONLY#\n");
        write("synonym/english.synsets", "car\n1 2\nauto\n2\ncity\n3\ntown\n3\nman\n4\nguy\n4\n");
        write("synonym/english.exceptions", "man\nmen\n");
        var table = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(table)) {
            gzip.write("0.5\na lot of\nmany\n0.25\nnext to\nbeside\n0.1\nbeside\nnext to\n"
                    .getBytes(StandardCharsets.UTF_8));
        }
        Files.createDirectories(folder.resolve("data"));
        Files.write(folder.resolve("data/paraphrase-en.gz"), table.toByteArray());
    }

    private void write(String name, String text) throws IOException {
        Files.createDirectories(folder.resolve(name).getParent());
        Files.writeString(folder.resolve(name), text);
    }

    private int[] numbers(MeteorVariant variant, String hypothesis, String... references) {
        return Meteor.open(folder, variant)
                .stats(List.of(new CaptionItem("1", hypothesis, List.of(references))))
                .get(0)
                .numbers();
    }

    private double score(MeteorVariant variant, String hypothesis, String... references) {
        var items = List.of(new CaptionItem("1", hypothesis, List.of(references)));
        var scores = Meteor.open(folder, variant).addTo(CaptionMetrics.score(items), items);
        return Objects.requireNonNull(scores.item(0).get(variant.metric()));
    }

    @Test
    void equalTextsScoreOne() {
        assertThat(score(MeteorVariant.FULL, "a car in the city", "a car in the city"))
                .isEqualTo(1);
    }

    @Test
    void functionWordsCountLess() {
        assertThat(numbers(MeteorVariant.EXACT, "the car", "the red car"))
                .containsExactly(2, 3, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 2);
        double precision = 1;
        double recall = (0.75 + 0.25) / (2 * 0.75 + 0.25);
        double mean = 1 / (0.15 / precision + 0.85 / recall);
        assertThat(score(MeteorVariant.EXACT, "the car", "the red car"))
                .isCloseTo(mean * (1 - 0.6 * Math.pow(2 / 2.0, 0.2)), within(1e-12));
    }

    @Test
    void eachVariantMatchesMore() {
        var hypothesis = "many men running beside autos";
        var reference = "a lot of guys run next to cars";
        assertThat(numbers(MeteorVariant.EXACT, hypothesis, reference)[21]).isEqualTo(0);
        assertThat(numbers(MeteorVariant.EXACT_STEM, hypothesis, reference)).containsSubsequence(8);
        assertThat(numbers(MeteorVariant.EXACT_STEM, hypothesis, reference)[8]).isEqualTo(1);
        assertThat(numbers(MeteorVariant.EXACT_STEM_SYNONYM, hypothesis, reference))
                .containsExactly(5, 8, 0, 2, 0, 0, 0, 0, 1, 1, 0, 0, 2, 2, 0, 0, 0, 0, 0, 0, 2, 3, 3);
        assertThat(numbers(MeteorVariant.FULL, hypothesis, reference))
                .containsExactly(5, 8, 0, 2, 0, 0, 0, 0, 1, 1, 0, 0, 2, 2, 0, 0, 2, 3, 0, 2, 1, 5, 8);
    }

    @Test
    void theReferenceWithTheHighestScoreCounts() {
        assertThat(numbers(MeteorVariant.EXACT, "a car", "nothing here at all", "a car", "the car")[1])
                .isEqualTo(2);
        assertThat(score(MeteorVariant.EXACT, "a car", "nothing here at all", "a car"))
                .isEqualTo(1);
    }

    @Test
    void variantsHaveNamesOfTheirOwn() {
        var items = List.of(new CaptionItem("1", "a car", List.of("the car")));
        var scores = CaptionMetrics.score(items);
        for (var variant : MeteorVariant.values()) {
            scores = Meteor.open(folder, variant).addTo(scores, items);
        }
        assertThat(scores.corpus().keySet())
                .endsWith("METEOR_exact", "METEOR_exact_stem", "METEOR_exact_stem_synonym", "METEOR");
        assertThat(CaptionMetrics.score(items).corpus()).doesNotContainKey("METEOR");
    }

    @Test
    void missingDataAreNamedWithTheirOrigin() throws IOException {
        assertThatThrownBy(() -> Meteor.open(folder.resolve("absent"), MeteorVariant.EXACT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("absent")
                .hasMessageContaining("pip install pycocoevalcap");
        Files.delete(folder.resolve("data/paraphrase-en.gz"));
        assertThatThrownBy(() -> Meteor.open(folder, MeteorVariant.FULL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("paraphrase-en.gz");
        assertThat(score(MeteorVariant.EXACT_STEM_SYNONYM, "a car", "an auto"))
                .as("needs no paraphrases")
                .isPositive();
    }

    @Test
    void aFileThatIsNotAJarIsNamed() throws IOException {
        var text = Files.writeString(folder.resolve("gt.json"), "{}");
        assertThatThrownBy(() -> Meteor.open(text, MeteorVariant.FULL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(text.toString(), "is not a jar", "meteor-1.5.jar");
        var jar = Files.writeString(folder.resolve("meteor-1.5.jar"), "PK\3\4");
        assertThatThrownBy(() -> Meteor.open(jar, MeteorVariant.FULL)).hasMessageContainingAll(jar.toString(), "END");
    }

    @Test
    void aTableThatEndsEarlyIsRefused() throws IOException {
        var table = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(table)) {
            gzip.write("0.5\na lot of\nmany\n0.25\nnext to\n".getBytes(StandardCharsets.UTF_8));
        }
        Files.write(folder.resolve("data/paraphrase-en.gz"), table.toByteArray());
        assertThatThrownBy(() -> score(MeteorVariant.FULL, "a lot of", "many"))
                .hasMessageContaining(folder.toString())
                .hasMessageContaining("ends inside an entry");
        Files.writeString(folder.resolve("data/paraphrase-en.gz"), "0.5\na lot of\nmany\n");
        assertThatThrownBy(() -> Meteor.open(folder, MeteorVariant.FULL)).hasMessageContaining(folder.toString());
    }

    @Test
    void phrasesMayBeLongerThanUsual() throws IOException {
        var longer = "a b c d e f g h i j k";
        var table = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(table)) {
            gzip.write("0.5\n%s\none two\n0.5\nsomewhatlongerword and\nthreefour\n"
                    .formatted(longer)
                    .getBytes(StandardCharsets.UTF_8));
        }
        Files.write(folder.resolve("data/paraphrase-en.gz"), table.toByteArray());
        assertThat(score(MeteorVariant.FULL, longer, "one two")).isPositive();
        assertThat(score(MeteorVariant.FULL, "threefour", "somewhatlongerword and"))
                .isPositive();
        assertThat(score(MeteorVariant.FULL, "threefour", "somewhatlongerworm and"))
                .isZero();
    }

    @Test
    void wordsAreSplitAsMeteorDoes() {
        var normalizer =
                new MeteorNormalizer(MeteorNormalizer.prefixes(List.of("# titles", "Dr", "No #NUMERIC_ONLY#")));
        assertThat(String.join(" ", normalizer.words("it 's a well-known u.s. dog, o'clock")))
                .isEqualTo("it ' s a well known us dog , o 'clock");
        assertThat(String.join(" ", normalizer.words("1,000 10:30 1/2 ca n't a-b-c")))
                .isEqualTo("1,000 10 : 30 1 / 2 ca n 't a b-c");
        assertThat(String.join(" ", normalizer.words("Dr. Who No. 5 No. X e.g. fig. 3 st. paul end.")))
                .isEqualTo("dr. who no. 5 no . x eg fig . 3 st. paul end .");
        assertThat(String.join(" ", normalizer.words("1\u00A01/2 ``x'' `y' café ελ --")))
                .isEqualTo("1 1 / 2 \" x \" ' y ' café ε λ -");
    }
}
