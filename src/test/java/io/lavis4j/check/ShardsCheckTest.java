package io.lavis4j.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.download.Catalog;
import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.runner.MiniRuns;
import io.lavis4j.runner.MiniShards;
import io.lavis4j.zoo.WeightFiles;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Tar shards beside Sherlock: missing, cut off, with a damaged image. */
@ExtendWith(LibtorchFirst.class)
class ShardsCheckTest {

    private static final String SHARDS = "laion400M train";

    @TempDir
    private Path folder = Path.of("");

    private Path shards = Path.of("");

    @BeforeEach
    void write() throws IOException {
        shards = folder.resolve("shards");
        MiniShards.write(shards);
    }

    private CheckReport check() {
        var run = MiniRuns.in(
                folder,
                "datasets.laion400M.build_info.storage=" + shards + "/{0..2}.tar",
                "datasets.laion400M.vis_processor.train.name=blip2_image_train",
                "datasets.laion400M.vis_processor.train.image_size=84",
                "run.max_epoch=1");
        return new DataCheck(run.config(), WeightFiles.in(List.of()), Catalog.shipped()).run(CheckOptions.thorough());
    }

    private static List<Kind> kinds(CheckReport report) {
        return report.problems().stream()
                .filter(problem -> problem.where().equals(SHARDS))
                .map(Problem::kind)
                .toList();
    }

    @Test
    void wholeShardsAreCounted() {
        var report = check();
        assertThat(report.isSound()).isTrue();
        assertThat(report.splits())
                .filteredOn(split -> split.name().equals(SHARDS))
                .singleElement()
                .satisfies(split -> {
                    assertThat(split.records()).isEqualTo(18);
                    assertThat(split.images()).isEqualTo(18);
                    assertThat(split.texts().get(0).longest()).isPositive();
                });
        assertThat(kinds(report)).as("their images are Sherlock's").contains(Kind.IMAGE_TWICE);
    }

    @Test
    void aMissingShardIsAnError() throws IOException {
        Files.delete(shards.resolve("1.tar"));
        var report = check();
        assertThat(report.isSound()).isFalse();
        assertThat(kinds(report)).containsExactly(Kind.ANNOTATIONS);
        assertThat(report.problems().get(0).examples().get(0)).contains("1 of 3 shards are not there", "1.tar");
    }

    @Test
    void aShardThatIsCutOffAndADamagedImageAreWarnings() throws IOException {
        try (var file = new RandomAccessFile(shards.resolve("0.tar").toFile(), "rw")) {
            file.seek(512); // the first image, after its header
            file.write(new byte[64]);
        }
        try (var file = new RandomAccessFile(shards.resolve("2.tar").toFile(), "rw")) {
            file.setLength(file.length() / 2);
        }
        var report = check();
        assertThat(report.isSound()).as("up to 10 are borne").isTrue();
        assertThat(kinds(report)).contains(Kind.IMAGE_BROKEN, Kind.SHARD_FAULTY);
        assertThat(report.problems())
                .filteredOn(problem -> problem.kind() == Kind.SHARD_FAULTY)
                .singleElement()
                .satisfies(
                        problem -> assertThat(problem.examples().get(0)).contains("2.tar", "is not a whole tar file"));
    }
}
