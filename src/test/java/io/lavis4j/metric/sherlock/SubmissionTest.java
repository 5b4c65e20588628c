package io.lavis4j.metric.sherlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SubmissionTest {

    private static final SubmissionLayout SMALL =
            new SubmissionLayout(Map.of("comparison", 3, "localization", 2, "retrieval_0", 4, "retrieval_1", 9));

    @TempDir
    private Path folder = Path.of("");

    private Path file = Path.of("");

    @BeforeEach
    void name() {
        file = folder.resolve(Submission.FILE);
    }

    private static byte[] floats(int count) {
        return NpyArray.float32(new float[count]).bytes();
    }

    private SubmissionCheck check(Map<String, byte[]> entries) {
        return check(file, entries);
    }

    private SubmissionCheck check(Path zipFile, Map<String, byte[]> entries) {
        try (var zip = new ZipOutputStream(Files.newOutputStream(zipFile))) {
            for (var entry : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return SubmissionCheck.of(zipFile, SMALL);
    }

    private SubmissionCheck checkComparison(byte[] content) {
        return check(Map.of("test_set_predictions/comparison.npy", content));
    }

    @Test
    void theTestSetHasItsOfficialLengths() {
        var lengths = SubmissionLayout.testSet().lengths();
        assertThat(lengths)
                .hasSize(25)
                .containsEntry("comparison", 4719)
                .containsEntry("localization", 2365256)
                .containsEntry("retrieval_0", 1000000)
                .containsEntry("retrieval_17", 966289)
                .containsEntry("retrieval_22", 996004);
        assertThat(lengths.values().stream()
                        .skip(2)
                        .mapToInt(n -> (int) Math.round(Math.sqrt(n)))
                        .sum())
                .isEqualTo(22816);
    }

    @Test
    void scoresStandInTheOrderOfSortedTestIds() {
        var scores = new LinkedHashMap<String, Float>();
        scores.put("ff", 3f);
        scores.put("0a", 1f);
        scores.put("a0", 2f);
        var array = Submission.array(scores);
        assertThat(array.dtype()).isEqualTo("float32");
        assertThat(new double[] {array.value(0), array.value(1), array.value(2)})
                .containsExactly(1, 2, 3);
    }

    @Test
    void whatIsWrittenIsTakenAndComesBack() throws IOException {
        var arrays = new LinkedHashMap<String, NpyArray>();
        arrays.put("comparison", NpyArray.float32(new float[] {1, -2, 0.5f}));
        arrays.put("localization", NpyArray.float64(new double[] {1e-300, 2}));
        arrays.put("retrieval_0", NpyArray.float32(new float[4]));
        arrays.put("retrieval_1", NpyArray.float32(new float[9]));
        new Submission(arrays).write(file);
        new Submission(arrays).write(file); // over itself
        assertThat(SubmissionCheck.of(file, SMALL).problems()).isEmpty();
        assertThat(SubmissionCheck.of(file, SMALL).remarks()).isEmpty();
        assertThat(SubmissionCheck.of(file, SMALL).arrays()).containsExactlyInAnyOrderElementsOf(arrays.keySet());
        try (var zip = new ZipFile(file.toFile());
                var in = zip.getInputStream(zip.getEntry("test_set_predictions/localization.npy"))) {
            assertThat(in.readAllBytes()).isEqualTo(arrays.get("localization").bytes());
        }
        try (var left = Files.list(folder)) {
            assertThat(left).containsExactly(file);
        }
    }

    @Test
    void aFileThatCannotBeWrittenLeavesNothing() throws IOException {
        Files.createDirectories(file.resolve("not empty"));
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> new Submission(Map.of("comparison", NpyArray.float32(new float[3]))).write(file))
                .withMessageContaining("what was there before is unchanged");
        try (var left = Files.list(folder)) {
            assertThat(left).containsExactly(file);
        }
    }

    @Test
    void wrongNamesAndNaNAreNotEvenWritten() {
        var array = NpyArray.float32(new float[] {0, Float.NaN});
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Submission(Map.of("comparison", array)))
                .withMessage("the score at index 1 of comparison is NaN; expected numbers");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Submission(Map.of("retrieval_23", NpyArray.float32(new float[1]))))
                .withMessageContaining("got \"retrieval_23\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Submission(Map.of()).write(folder.resolve("mine.zip")))
                .withMessageContaining("called test_set_predictions.zip");
    }

    @Test
    void tasksMayBeLeftOutButNotComparison() {
        var comparison = checkComparison(floats(3));
        assertThat(comparison.problems()).isEmpty();
        assertThat(comparison.remarks())
                .singleElement()
                .asString()
                .startsWith("left out, and not scored:")
                .contains("localization", "retrieval_0", "retrieval_1");
        assertThat(check(Map.of("test_set_predictions/localization.npy", floats(2)))
                        .problems())
                .containsExactly("test_set_predictions/comparison.npy: is missing; every submission needs it"
                        + " (found nothing else)");
    }

    @Test
    void aSplitLeftOutIsRemarkedUpon() {
        var check = check(Map.of(
                "test_set_predictions/comparison.npy", floats(3),
                "test_set_predictions/localization.npy", floats(2),
                "test_set_predictions/retrieval_1.npy", floats(9)));
        assertThat(check.problems()).isEmpty();
        assertThat(check.remarks())
                .containsExactly("left out, and not scored: retrieval_0; retrieval needs all of its splits");
    }

    @Test
    void arraysOutsideTheFolderAreMissing() {
        var check = check(Map.of("comparison.npy", floats(3), "test_set_predictions/comparisons.npy", floats(3)));
        assertThat(check.problems())
                .singleElement()
                .asString()
                .contains("comparison.npy: is missing", "(found comparison.npy, test_set_predictions/comparisons.npy)");
    }

    @Test
    void filesThatNobodyReadsAreRemarkedUpon() {
        var check = check(Map.of("test_set_predictions/comparison.npy", floats(3), "__MACOSX/x", new byte[1]));
        assertThat(check.problems()).isEmpty();
        assertThat(check.remarks()).contains("not read by the leaderboard: __MACOSX/x");
    }

    @Test
    void anotherLengthIsRefused() {
        assertThat(checkComparison(floats(4)).problems())
                .containsExactly("test_set_predictions/comparison.npy: has 4 scores; expected 3, one for each test id");
        assertThat(checkComparison(floats(200_000)).problems())
                .containsExactly(
                        "test_set_predictions/comparison.npy: has more than 131096 bytes; expected an array of 3 scores");
    }

    @Test
    void aNaNIsRefused() {
        assertThat(checkComparison(NpyArray.float64(new double[] {1, 2, Double.NaN})
                                .bytes())
                        .problems())
                .containsExactly("test_set_predictions/comparison.npy: the score at index 2 is NaN; expected numbers");
    }

    @Test
    void anotherTypeIsRefused() {
        byte[] whole = floats(3);
        whole[22] = 'i'; // <f4 becomes <i4
        assertThat(checkComparison(whole).problems())
                .singleElement()
                .asString()
                .startsWith("test_set_predictions/comparison.npy: has dtype <i4, not <f4 (float32) or <f8 (float64)");
    }

    @Test
    void anotherFileNameIsRefused() {
        assertThat(check(folder.resolve("predictions.zip"), Map.of("test_set_predictions/comparison.npy", floats(3)))
                        .problems())
                .containsExactly("%s: the leaderboard takes only a file called test_set_predictions.zip; name it so"
                        .formatted(folder.resolve("predictions.zip")));
    }

    @Test
    void whatIsNoZipFileIsRefused() throws IOException {
        assertThat(SubmissionCheck.of(file, SMALL).problems())
                .singleElement()
                .asString()
                .endsWith("is not there; expected a zip file");
        Files.write(file, floats(3));
        assertThat(SubmissionCheck.of(file, SMALL).problems())
                .singleElement()
                .asString()
                .contains("is not a zip file that can be read");
    }
}
