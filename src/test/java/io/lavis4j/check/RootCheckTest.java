package io.lavis4j.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lavis4j.download.Catalog;
import io.lavis4j.golden.LibtorchFirst;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LibtorchFirst.class)
class RootCheckTest {

    /** Files with faults that records are not left out for. */
    private static final Map<String, Kind> USED = Map.of(
            "missing_image.json", Kind.IMAGE_MISSING,
            "image_1000001.json", Kind.IMAGE_BROKEN,
            "image_1000002.json", Kind.IMAGE_BROKEN,
            "image_1000003.json", Kind.IMAGE_BROKEN,
            "image_1000007.json", Kind.IMAGE_BROKEN,
            "duplicate_instance_id.json", Kind.ID_TWICE,
            "dims_mismatch.json", Kind.SIZE_MISMATCH,
            "bbox_outside.json", Kind.BOX_OUTSIDE);

    private static final List<String> SOUND = List.of(
            "bom.json",
            "nan.json",
            "null_and_float.json",
            "huge_text.json",
            "image_1000004.json",
            "image_1000005.json",
            "image_1000006.json");

    @TempDir
    private Path folder = Path.of("");

    private static CheckReport check(Path root, String... names) {
        return new RootCheck(root, Catalog.shipped(), List.of(names)).run(CheckOptions.thorough());
    }

    @Test
    void anEmptyRootLacksWhatTheOriginalAsksFor() {
        var report = check(folder);
        assertThat(report.layout()).extracting(DatasetLayout::state).containsOnly("absent");
        assertThat(report.layout().stream().flatMap(dataset -> dataset.missing().stream()))
                .containsExactly(
                        "sherlock_dataset/sherlock_train_v1_1.json",
                        "sherlock_dataset/sherlock_val_with_split_idxs_v1_1.json",
                        "vcr1images/",
                        "vg/images/VG_100K/",
                        "vg/images/VG_100K_2/");
        assertThat(report.layout())
                .extracting(dataset -> dataset.remedy().get(dataset.remedy().size() - 1))
                .containsExactly(
                        "lavis4j download sherlock --root " + folder,
                        "lavis4j download vcr --root " + folder,
                        "lavis4j download vg --root " + folder);
        assertThat(report.layout().get(1).remedy().get(0)).startsWith("accept the agreement");
        assertThat(report.isSound()).isFalse();
        assertThat(report.splits()).isEmpty();
    }

    @Test
    void aRootWithTheCorpusIsReportedAsItIs() {
        var report = check(MiniRoot.in(folder).root());
        assertThat(report.isSound()).isTrue();
        assertThat(report.problems()).isEmpty();
        assertThat(report.layout())
                .extracting(DatasetLayout::name, DatasetLayout::state)
                .containsExactly(tuple("sherlock", "complete"), tuple("vcr", "complete"), tuple("vg", "complete"));
        assertThat(report.splits())
                .containsExactly(
                        new SplitReport(
                                "sherlock_caption",
                                "train",
                                "training",
                                64,
                                0,
                                30,
                                0,
                                90,
                                Map.of(
                                        "boxes", Map.of("1", 46L, "2", 10L, "3", 8L),
                                        "confidence", Map.of("1", 12L, "2", 25L, "3", 27L),
                                        "source", Map.of("VCR", 29L, "VG", 35L)),
                                List.of()),
                        new SplitReport(
                                "sherlock_caption",
                                "val",
                                "evaluation",
                                16,
                                0,
                                10,
                                0,
                                18,
                                Map.of(
                                        "boxes", Map.of("1", 14L, "2", 2L),
                                        "confidence", Map.of("1", 2L, "2", 4L, "3", 10L),
                                        "source", Map.of("VCR", 8L, "VG", 8L)),
                                List.of()));
    }

    @Test
    void everyDataSetWithADefaultFileIsRead() throws IOException {
        Files.createDirectories(folder.resolve("vg/annotations"));
        MiniRoot.copy(MiniRoot.SOURCE.resolve("vg/images"), folder.resolve("vg/images"));
        Files.writeString(folder.resolve("vg/annotations/vg_caption.json"), """
                [{"image": "VG_100K/9100038.jpg", "caption": "A ball.", "image_id": "1"},
                 {"image": "VG_100K/9100038.jpg", "caption": "A red ball.", "image_id": "1"}]
                """);
        var report = check(folder);
        assertThat(report.layout()).extracting(DatasetLayout::name).containsExactly("vg", "vg_caption");
        assertThat(report.layout()).extracting(DatasetLayout::state).containsOnly("complete");
        assertThat(report.splits()).as("every split of it").singleElement().satisfies(split -> {
            assertThat(split.name()).isEqualTo("vg_caption train");
            assertThat(split.records()).isEqualTo(2);
            assertThat(split.images()).isEqualTo(1);
        });
        assertThat(report.problems()).as("captions of one image share its id").isEmpty();
    }

    @Test
    void partOfADataSetIsNotAllOfIt() {
        var root = MiniRoot.in(folder);
        root.delete(root.file(MiniRoot.VAL));
        root.delete(root.file("vg"));
        var report = check(folder);
        assertThat(report.layout()).extracting(DatasetLayout::state).containsExactly("partly", "complete", "absent");
        assertThat(report.problems().stream().filter(problem -> problem.kind() == Kind.FILES_MISSING))
                .extracting(Problem::where)
                .containsExactly("sherlock", "vg");
        assertThat(report.splits()).extracting(SplitReport::split).containsExactly("train");
        assertThat(report.problems())
                .filteredOn(problem -> problem.kind() == Kind.LOADING_FAILS)
                .singleElement()
                .satisfies(problem -> assertThat(problem.examples().get(0)).contains("cannot be read"));
    }

    @Test
    void namedDataSetsAloneAreLookedAt() {
        var report = check(MiniRoot.in(folder).root(), "vg", "coco");
        assertThat(report.layout()).extracting(DatasetLayout::name).containsExactly("vg", "coco");
        assertThat(report.splits()).isEmpty();
        assertThatThrownBy(() -> check(folder, "nothing"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got \"nothing\"");
    }

    @Test
    void termsAreStatedWhereTheyAre() throws IOException {
        Files.writeString(MiniRoot.in(folder).file("sherlock_dataset").resolve("LICENSE.txt"), "CC BY 4.0");
        assertThat(check(folder).layout().get(0).terms())
                .contains("CC BY 4.0", "stated in " + folder.resolve("sherlock_dataset/LICENSE.txt"));
    }

    @TestFactory
    Stream<DynamicTest> everyFaultyFileIsReportedAsItsManifestSays() throws IOException {
        var broken = MiniRoot.SOURCE.resolve("broken");
        var manifest =
                new ObjectMapper().readTree(broken.resolve("manifest.json").toFile());
        assertThat(manifest).hasSizeGreaterThan(20);
        return StreamSupport.stream(manifest.spliterator(), false)
                .map(entry -> DynamicTest.dynamicTest(entry.path("file").asText(), () -> {
                    String file = entry.path("file").asText();
                    var root = MiniRoot.in(folder.resolve(file));
                    MiniRoot.copy(broken.resolve("images"), root.root());
                    Files.copy(broken.resolve(file), root.file(MiniRoot.TRAIN), StandardCopyOption.REPLACE_EXISTING);
                    var bad = entry.path("bad_indices");
                    check(file, check(root.root(), "sherlock"), bad.isArray() ? bad.size() : -1);
                }));
    }

    private static void check(String file, CheckReport report, int badRecords) {
        var kinds = report.problems().stream().map(Problem::kind).toList();
        var expected = USED.get(file);
        if (expected != null) {
            assertThat(kinds).contains(expected);
            assertThat(report.isSound()).isTrue();
        } else if (SOUND.contains(file)) {
            assertThat(kinds).as("its boxes may be anywhere").isSubsetOf(Kind.BOX_BEYOND, Kind.BOX_OUTSIDE);
        } else if (report.isSound()) {
            assertThat(report.problems())
                    .filteredOn(problem -> problem.kind() == Kind.RECORD_LEFT_OUT)
                    .singleElement()
                    .satisfies(problem -> {
                        assertThat(problem.count()).isEqualTo(badRecords);
                        assertThat(problem.examples()).hasSize(badRecords).allMatch(line -> line.contains("expected"));
                    });
        } else {
            assertThat(kinds).as("nothing of it can be used").contains(Kind.ANNOTATIONS);
        }
    }
}
