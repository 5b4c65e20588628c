package io.lavis4j.download;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.zip.UnixStat;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnpackingTest {

    private static final String GOOD = "VG_100K/1.jpg";

    @TempDir
    private Path root;

    private Path folder;
    private final Fetching.LimitedDisk disk = new Fetching.LimitedDisk();

    @BeforeEach
    void aFolder() {
        folder = root.resolve("vg/images");
    }

    private void unpack(Path archive) throws IOException, InterruptedException {
        new Unpacking(archive, folder, disk, time -> {}, TransferListener.silent()).run();
    }

    /** Refused by name and reason, with nothing written anywhere. */
    private void requireRefused(Path archive, String... reasons) throws IOException {
        assertThatThrownBy(() -> unpack(archive))
                .hasMessageContaining(archive.toString())
                .satisfies(error -> assertThat(error.getMessage()).contains(reasons));
        try (var files = Files.walk(root)) {
            assertThat(files.filter(Files::isRegularFile)).containsExactly(archive);
        }
    }

    private interface Zip {
        void write(ZipArchiveOutputStream zip) throws IOException;
    }

    private interface Tar {
        void write(TarArchiveOutputStream tar) throws IOException;
    }

    private Path zip(Zip content) throws IOException {
        var file = root.resolve("images.zip");
        try (var zip = new ZipArchiveOutputStream(file)) {
            content.write(zip);
        }
        return file;
    }

    private static void add(ZipArchiveOutputStream zip, String name, int mode, byte[] bytes) throws IOException {
        var entry = new ZipArchiveEntry(name);
        entry.setUnixMode(mode);
        zip.putArchiveEntry(entry);
        zip.write(bytes);
        zip.closeArchiveEntry();
    }

    private static void add(ZipArchiveOutputStream zip, String name) throws IOException {
        add(zip, name, UnixStat.FILE_FLAG | 0644, name.getBytes(UTF_8));
    }

    private Path tar(String name, Tar content) throws IOException {
        var file = root.resolve(name);
        try (OutputStream out = Files.newOutputStream(file);
                var tar = new TarArchiveOutputStream(name.endsWith("z") ? new GZIPOutputStream(out) : out)) {
            content.write(tar);
        }
        return file;
    }

    private static void add(TarArchiveOutputStream tar, String name, byte type) throws IOException {
        var entry = new TarArchiveEntry(name, type, true);
        var bytes = type == TarConstants.LF_NORMAL ? name.getBytes(UTF_8) : new byte[0];
        entry.setSize(bytes.length);
        if (type == TarConstants.LF_SYMLINK || type == TarConstants.LF_LINK) {
            entry.setLinkName("/etc/passwd");
        }
        tar.putArchiveEntry(entry);
        tar.write(bytes);
        tar.closeArchiveEntry();
    }

    @ParameterizedTest
    @ValueSource(strings = {"images.tar", "images.tar.gz", "images.tgz"})
    void aTarIsUnpacked(String name) throws Exception {
        unpack(tar(name, tar -> {
            add(tar, "./VG_100K/", TarConstants.LF_DIR);
            add(tar, "./" + GOOD, TarConstants.LF_NORMAL);
        }));
        assertThat(folder.resolve(GOOD)).hasContent("./" + GOOD);
    }

    @Test
    void aZipIsUnpackedWithoutWhatMacOsAdds() throws Exception {
        var archive = zip(zip -> {
            add(zip, "VG_100K/", UnixStat.DIR_FLAG | 0755, new byte[0]);
            add(zip, GOOD);
            add(zip, "__MACOSX/VG_100K/._1.jpg");
            add(zip, "VG_100K/.DS_Store");
        });
        unpack(archive);
        try (var files = Files.walk(folder)) {
            assertThat(files.filter(Files::isRegularFile)).containsExactly(folder.resolve(GOOD));
        }
        assertThat(folder.resolve(GOOD)).hasContent(GOOD);
        assertThat(Unpacking.isInterrupted(archive)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../evil",
                "VG_100K/../../evil",
                "a/..",
                "..",
                "/etc/evil",
                "C:/evil",
                "c:evil",
                "a\\b",
                "a\u0007"
            })
    void aNameThatIsNotBelowTheFolderIsRefused(String name) throws Exception {
        requireRefused(
                tar("images.tar", tar -> {
                    add(tar, GOOD, TarConstants.LF_NORMAL);
                    var entry = new TarArchiveEntry(name, true);
                    tar.putArchiveEntry(entry);
                    tar.closeArchiveEntry();
                }),
                "is not unpacked: entry \"",
                "do not use it");
        Files.delete(root.resolve("images.tar"));
        if (!name.contains("\\")) { // the library turns these round
            requireRefused(
                    zip(zip -> {
                        add(zip, GOOD);
                        add(zip, name);
                    }),
                    "is not unpacked: entry \"");
        }
    }

    @ParameterizedTest
    @ValueSource(
            bytes = {
                TarConstants.LF_SYMLINK,
                TarConstants.LF_LINK,
                TarConstants.LF_CHR,
                TarConstants.LF_BLK,
                TarConstants.LF_FIFO
            })
    void linksAndDevicesInATarAreRefused(byte type) throws Exception {
        boolean link = type == TarConstants.LF_SYMLINK || type == TarConstants.LF_LINK;
        requireRefused(
                tar("images.tar.gz", tar -> {
                    add(tar, GOOD, TarConstants.LF_NORMAL);
                    add(tar, "VG_100K/2.jpg", type);
                }),
                "VG_100K/2.jpg",
                link ? "is a link" : "is a device");
    }

    @ParameterizedTest
    @ValueSource(ints = {UnixStat.LINK_FLAG, 0020000, 0060000, 0010000})
    void linksAndDevicesInAZipAreRefused(int type) throws Exception {
        requireRefused(
                zip(zip -> add(zip, "VG_100K/2.jpg", type | 0644, "/etc/passwd".getBytes(UTF_8))),
                type == UnixStat.LINK_FLAG ? "is a link" : "is a device");
    }

    @ParameterizedTest
    @ValueSource(strings = {GOOD, "VG_100K/1.JPG", "vg_100k/2.jpg", "VG_100K", "VG_100K/1.jpg/a"})
    void aNameThatComesTwiceIsRefused(String name) throws Exception {
        requireRefused(
                zip(zip -> {
                    add(zip, GOOD);
                    add(zip, name);
                }),
                "has the name of another entry");
    }

    @Test
    void aBombIsRefused() throws Exception {
        requireRefused(
                zip(zip -> add(zip, "zeros", UnixStat.FILE_FLAG | 0644, new byte[20_000_000])),
                "more than 200 times as large as the archive");
        Files.delete(root.resolve("images.zip"));
        requireRefused(
                tar("bomb.tar.gz", tar -> {
                    var entry = new TarArchiveEntry("zeros");
                    entry.setSize(20_000_000);
                    tar.putArchiveEntry(entry);
                    tar.write(new byte[20_000_000]);
                    tar.closeArchiveEntry();
                }),
                "more than 200 times as large as the archive");
    }

    /** Its directory says 10 bytes of what are many more. */
    @Test
    void aBombThatLiesAboutItsSizeIsStopped() throws Exception {
        var archive = zip(zip -> add(zip, "zeros", UnixStat.FILE_FLAG | 0644, new byte[1_000_000]));
        var bytes = ByteBuffer.wrap(Files.readAllBytes(archive)).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < bytes.limit() - 30; i++) {
            if (bytes.getInt(i) == 0x02014b50) {
                bytes.putInt(i + 24, 10);
            }
        }
        Files.write(archive, bytes.array());
        assertThatThrownBy(() -> unpack(archive)).hasMessageContaining("cannot be unpacked");
        assertThat(folder.resolve("zeros")).doesNotExist();
    }

    @Test
    void aDamagedArchiveSaysSo() throws Exception {
        var archive = zip(zip -> {
            add(zip, GOOD, UnixStat.FILE_FLAG | 0644, Fetching.random(50_000, 1));
        });
        var bytes = Files.readAllBytes(archive);
        bytes[20_000]++;
        Files.write(archive, bytes);
        assertThatThrownBy(() -> unpack(archive))
                .hasMessageContaining("cannot be unpacked")
                .hasMessageContaining("remove it and fetch it again");
        assertThat(folder.resolve(GOOD)).doesNotExist();

        Files.write(archive, Arrays.copyOf(bytes, 30_000));
        assertThatThrownBy(() -> unpack(archive)).hasMessageContaining("cannot be unpacked");
    }

    @Test
    void aFullDiskSaysSoAndTheRestIsUnpackedAfterwards() throws Exception {
        var archive = zip(zip -> {
            for (int i = 1; i <= 3; i++) {
                add(zip, "VG_100K/%d.jpg".formatted(i), UnixStat.FILE_FLAG | 0644, Fetching.random(1000, i));
            }
        });
        disk.said = 2000;
        assertThatThrownBy(() -> unpack(archive)).hasMessageContaining("is full: images.zip needs 3.00 kB more");
        disk.said = Long.MAX_VALUE;
        disk.room = 1500;
        assertThatThrownBy(() -> unpack(archive)).hasMessageContaining("is full: images.zip needs");
        assertThat(folder.resolve("VG_100K/1.jpg")).hasBinaryContent(Fetching.random(1000, 1));
        assertThat(folder.resolve("VG_100K/2.jpg")).doesNotExist();
        assertThat(Unpacking.isInterrupted(archive)).isTrue();

        disk.room = 2000;
        unpack(archive);
        assertThat(disk.room).isZero(); // the first was not written again
        for (int i = 1; i <= 3; i++) {
            assertThat(folder.resolve("VG_100K/%d.jpg".formatted(i))).hasBinaryContent(Fetching.random(1000, i));
        }
        assertThat(Unpacking.isInterrupted(archive)).isFalse();
    }

    @Test
    void aTarThatIsCutIsNotUnpackedWhereverThatWas() throws Exception {
        var whole = Files.readAllBytes(tar("images.tar", tar -> {
            add(tar, GOOD, TarConstants.LF_NORMAL);
            add(tar, "VG_100K/2.jpg", TarConstants.LF_NORMAL);
        }));
        for (int size = 0; size <= 3 * 512; size += 512) {
            var archive = Files.write(root.resolve("images.tar"), Arrays.copyOf(whole, size));
            assertThatThrownBy(() -> unpack(archive)).as("%d bytes", size).hasMessageContaining("cannot be unpacked");
        }
        assertThat(folder).doesNotExist();

        var compressed = Files.readAllBytes(tar("images.tgz", tar -> add(tar, GOOD, TarConstants.LF_NORMAL)));
        var archive = Files.write(root.resolve("images.tgz"), Arrays.copyOf(compressed, compressed.length - 20));
        assertThatThrownBy(() -> unpack(archive)).hasMessageContaining("it ends in the middle");
    }

    @Test
    void anArchiveThatAnotherProcessHasUnpackedAndRemovedIsDone() throws Exception {
        var archive = root.resolve("images.zip");
        unpack(archive);
        assertThat(Unpacking.isInterrupted(archive)).isFalse();
    }

    @Test
    void aFileInThePlaceOfTheFolderIsNamed() throws Exception {
        var archive = zip(zip -> add(zip, GOOD));
        Files.createDirectories(folder.getParent());
        Files.writeString(folder, "");
        assertThatThrownBy(() -> unpack(archive))
                .hasMessageContaining(folder + " cannot be written (it is a file, expected a folder)");
    }

    @Test
    void aFileOfAnotherKindIsNoArchive() throws Exception {
        var archive = Files.write(root.resolve("images.rar"), Fetching.random(100, 1));
        assertThatThrownBy(() -> unpack(archive)).hasMessageContaining("ends with .zip, .tar, .tar.gz or .tgz");
        var html = Files.writeString(root.resolve("page.zip"), "<html>not found</html>");
        assertThatThrownBy(() -> unpack(html)).hasMessageContaining("cannot be unpacked");
    }
}
