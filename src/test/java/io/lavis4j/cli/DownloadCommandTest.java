package io.lavis4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.download.FaultyServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DownloadCommandTest {

    @TempDir
    private Path folder;

    private Path root;
    private FaultyServer server;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void aServerHasSherlockAndVisualGenome() throws IOException {
        root = folder.resolve("data");
        var files = Map.of(
                "/sherlock/sherlock_train_v1_1.json.zip", zip("sherlock_train_v1_1.json"),
                "/sherlock/sherlock_val_with_split_idxs_v1_1.json.zip", zip("sherlock_val_with_split_idxs_v1_1.json"),
                "/vg/images.zip", zip("VG_100K/1.jpg", "VG_100K/2.jpg"),
                "/vg/images2.zip", zip("VG_100K_2/3.jpg"));
        server = new FaultyServer((request, out) -> {
            byte[] content = Objects.requireNonNull(files.get(request.path()));
            FaultyServer.file(request, out, content, content.length);
        });
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    private static byte[] zip(String... names) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            for (String name : names) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write(name.getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toByteArray();
    }

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        var all = Stream.of(
                        Stream.of("download"),
                        Stream.of(arguments),
                        Stream.of(
                                "--mirror",
                                "https://storage.googleapis.com/ai2-mosaic-public/projects/sherlock/data/="
                                        + server.address("/sherlock/"),
                                "--mirror",
                                "https://cs.stanford.edu/people/rak248/VG_100K_2/=" + server.address("/vg/")))
                .flatMap(some -> some)
                .toArray(String[]::new);
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), all);
    }

    /** The published size of Visual Genome's archives is not that of the test's. */
    private String small() throws IOException {
        var file = folder.resolve("small.json");
        Files.writeString(file, """
                {"datasets": {"vg": {"title": "Small", "terms": "the test's", "files": [
                  {"path": "vg/images.zip", "address": "%s", "unpack": "vg/images", "provides": ["vg/images/VG_100K/"]},
                  {"path": "vg/images2.zip", "address": "%s", "unpack": "vg/images", "provides": ["vg/images/VG_100K_2/"]}]}}}
                """.formatted(server.address("/vg/images.zip"), server.address("/vg/images2.zip")));
        return file.toString();
    }

    @Test
    void aDryRunListsTheLayoutOfTheOriginalAndFetchesNothing() {
        assertThat(run("sherlock", "vcr", "vg", "--dry-run", "--root", root.toString()))
                .isZero();
        assertThat(out.toString().lines().filter(line -> line.startsWith("  fetch") || line.startsWith("  by hand")))
                .satisfiesExactly(
                        line -> assertThat(line)
                                .contains(" sherlock_dataset/sherlock_train_v1_1.json ", " bytes ", "/sherlock/"),
                        line -> assertThat(line)
                                .contains(" sherlock_dataset/sherlock_val_with_split_idxs_v1_1.json ", " bytes "),
                        line -> assertThat(line)
                                .contains(
                                        " vcr1images/ ",
                                        "unknown size",
                                        "accept the agreement",
                                        root + "/vcr1images.zip"),
                        line -> assertThat(line).contains(" vg/images/VG_100K/ ", "9.73 GB", "/vg/images.zip -> "),
                        line -> assertThat(line).contains(" vg/images/VG_100K_2/ ", "5.47 GB"));
        assertThat(out.toString()).contains("terms of use: CC BY 4.0", "to fetch: 4 files, 15.2 GB", "free on ");
        assertThat(root).doesNotExist();
        assertThat(server.requests())
                .hasSize(2)
                .allMatch(request -> request.method().equals("HEAD"));
    }

    @Test
    void aDryRunNeedsNoNetwork() throws IOException {
        server.close();
        assertThat(run("sherlock", "--dry-run", "--root", root.toString())).isZero();
        assertThat(out.toString()).contains("unknown size", "to fetch: 2 files, 0 bytes and 2 of unknown size");
        assertThat(run("sherlock", "--dry-run", "--offline", "--root", root.toString()))
                .isZero();
    }

    @Test
    void dataSetsAreFetchedAndUnpackedAndNotFetchedAgain() throws IOException {
        assertThat(run("sherlock", "vg", "--root", root.toString(), "--catalog", small()))
                .as(err.toString())
                .isZero();
        assertThat(root.resolve("sherlock_dataset/sherlock_train_v1_1.json")).hasContent("sherlock_train_v1_1.json");
        assertThat(root.resolve("vg/images/VG_100K/2.jpg")).hasContent("VG_100K/2.jpg");
        assertThat(root.resolve("vg/images/VG_100K_2/3.jpg")).exists();
        assertThat(root).isDirectoryNotContaining("glob:**.zip");
        assertThat(root.resolve("vg")).isDirectoryNotContaining("glob:**.zip*");
        assertThat(out.toString()).contains("its images: download vcr --root " + root);
        assertThat(server.requests()).hasSize(4);

        assertThat(run("sherlock", "vg", "--root", root.toString(), "--catalog", small()))
                .isZero();
        assertThat(out.toString()).contains("there ");
        assertThat(server.requests()).hasSize(4);
    }

    @Test
    void archivesAreKeptIfAskedFor() {
        assertThat(run("sherlock", "--keep-archives", "--root", root.toString()))
                .isZero();
        assertThat(root.resolve("sherlock_dataset/sherlock_train_v1_1.json.zip"))
                .exists();
        assertThat(run("sherlock", "--root", root.toString())).isZero();
        assertThat(server.requests()).hasSize(2);
    }

    @Test
    void whatAPersonHasToGetIsListedUntilItIsThere() throws IOException {
        assertThat(run("vcr", "--root", root.toString())).isEqualTo(1);
        assertThat(err.toString()).contains("to be had by hand:", "vcr1images/", "accept the agreement");

        Files.createDirectories(root);
        Files.write(root.resolve("vcr1images.zip"), zip("vcr1images/lsmdc_0001_American_Beauty/1@0.jpg"));
        assertThat(run("vcr", "--root", root.toString())).as(err.toString()).isZero();
        assertThat(root.resolve("vcr1images/lsmdc_0001_American_Beauty/1@0.jpg"))
                .exists();
        assertThat(run("vcr", "--root", root.toString())).isZero();
    }

    @Test
    void anArchiveWithOtherContentIsAnError() throws IOException {
        Files.createDirectories(root);
        Files.write(root.resolve("vcr1images.zip"), zip("images/1.jpg"));
        assertThat(run("vcr", "--root", root.toString())).isEqualTo(1);
        assertThat(err.toString()).contains("error: ", "but [vcr1images/] is not there");
    }

    @Test
    void offlineWhatIsMissingIsListed() {
        assertThat(run("sherlock", "vg", "--offline", "--root", root.toString()))
                .isEqualTo(1);
        assertThat(err.toString())
                .contains("missing, and not fetched offline:", "sherlock_train_v1_1.json", "vg/images/VG_100K_2/");
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void aFailureIsSaidAndStopsNoOther() throws IOException {
        assertThat(run("sherlock", "vg", "--root", root.toString())).isEqualTo(1);
        assertThat(err.toString()).contains("error: ", "but is published with 9731705982");
        assertThat(root.resolve("sherlock_dataset/sherlock_train_v1_1.json")).exists();
    }

    @Test
    void withoutANameTheDataSetsAreListed() {
        assertThat(run()).isZero();
        assertThat(out.toString()).contains("sherlock ", "vcr ", "vg ", "coco ", "gqa ");
    }

    @Test
    void wrongUseSaysWhatIsExpected() {
        assertThat(run("sherlock")).isEqualTo(2);
        assertThat(err.toString()).contains("expected --root DIR");
        assertThat(run("sherlock", "--root", root.toString(), "--jobs", "0")).isEqualTo(2);
        assertThat(run("sherlock", "--root", root.toString(), "--mirror", "https://a=ftp://b"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("got \"ftp://b\"");
        assertThat(run("model", "blip2_opt", "small", "--token", "hf_secret\nx"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("expected a token").doesNotContain("secret");
        assertThat(run("imagenet", "--root", root.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("DATASET imagenet: expected one of [sherlock, vcr, vg, ");
    }

    @Test
    void whatAModelNeedsIsListedFromItsConfiguration() {
        assertThat(Main.run(
                        new PrintWriter(out, true),
                        new PrintWriter(err, true),
                        "download",
                        "model",
                        "blip2_t5",
                        "pretrain_flant5xl_vitL",
                        "--dry-run",
                        "--offline"))
                .isZero();
        assertThat(out.toString())
                .contains(
                        "clip_vit_L.pth",
                        "bert-base-uncased",
                        "google/flan-t5-xl",
                        "BLIP2/blip2_pretrained_flant5xl_vitL.pth");
    }

    @Test
    void whatAJobNeedsIsListedFromItsConfiguration() {
        assertThat(Main.run(
                        new PrintWriter(out, true),
                        new PrintWriter(err, true),
                        "download",
                        "model",
                        "--cfg-path",
                        "finetune/caption_sherlock.yaml",
                        "--dry-run",
                        "--offline"))
                .isZero();
        assertThat(out.toString())
                .contains(
                        "eva_vit_g.pth",
                        "bert-base-uncased",
                        "facebook/opt-2.7b",
                        "BLIP2/blip2_pretrained_opt2.7b.pth");
    }
}
