package io.lavis4j.dataset.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardIndexTest {

    @TempDir
    private Path folder = Path.of("");

    private ShardIndex index(TestShards.Tar tar) {
        var shard = folder.resolve("shard.tar");
        tar.write(shard);
        return ShardIndex.read(shard);
    }

    private static String text(ShardIndex index, int sample) throws IOException {
        try (var file = FileChannel.open(index.shard())) {
            return new String(index.samples().get(sample).text().read(file), StandardCharsets.UTF_8);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void longNamesAreReadInBothFormats(boolean posix) throws IOException {
        var tar = new TestShards.Tar();
        String key = "folder/" + "x".repeat(200) + "é";
        var index = index((posix ? tar.posix() : tar)
                .member(key + ".jpg", "image")
                .member(key + ".txt", "ein Bär")
                .sample(1));
        assertThat(index.faults()).isEmpty();
        assertThat(index.samples()).hasSize(2);
        assertThat(index.samples().get(0).key()).isEqualTo(key);
        assertThat(text(index, 0)).isEqualTo("ein Bär");
        assertThat(text(index, 1)).isEqualTo("text 1");
    }

    @Test
    void aKeyGoesUpToTheFirstDotOfTheLastPartOfAName() {
        var index = index(new TestShards.Tar()
                .member("v1.0/a.b.mask.png", "no image")
                .member("v1.0/a.jpg", "image")
                .member("v1.0/a.TXT", "words")
                .member("w/a.webp", "another sample")
                .member("w/a.json", "{}"));
        assertThat(index.faults()).isEmpty();
        assertThat(index.samples()).extracting(ShardIndex.Entry::key).containsExactly("v1.0/a", "w/a");
        assertThat(index.samples()).extracting(ShardIndex.Entry::json).containsExactly(false, true);
    }

    @Test
    void whatIsNoFileOfASampleIsPassedOver() {
        var index = index(new TestShards.Tar()
                .folder("a")
                .member("__meta__.json", "{}")
                .member("a/.hidden.jpg", "")
                .member("README", "")
                .link("a/1.jpg", "/etc/passwd")
                .sample(1)
                .member("1.cls", "7"));
        assertThat(index.faults()).isEmpty();
        assertThat(index.samples()).extracting(ShardIndex.Entry::key).containsExactly("1");
    }

    @Test
    void imagesOfEveryFormatAreToldByTheirEnding() {
        var endings = List.of("jpg", "JPEG", "jpe", "jfif", "png", "webp", "gif", "bmp", "tif", "tiff");
        var tar = new TestShards.Tar();
        endings.forEach(ending -> tar.member(ending + "." + ending, "image").member(ending + ".txt", "words"));
        var index = index(tar.member("a.avif", "image").member("a.txt", "words"));
        assertThat(index.samples()).extracting(ShardIndex.Entry::key).containsExactlyElementsOf(endings);
        assertThat(index.faults()).singleElement().asString().contains("key a: lacks an image (jpg, png, webp, gif");
    }

    @Test
    void aNameThatLeadsOutOfTheFolderIsOnlyAKey() throws IOException {
        var outside = folder.resolve("secret.txt");
        Files.writeString(outside, "secret");
        var index = index(new TestShards.Tar()
                .member("../secret.jpg", "image")
                .member("../secret.txt", "words")
                .member("/etc/hostname.jpg", "image")
                .member("/etc/hostname.txt", "other words"));
        assertThat(index.faults()).isEmpty();
        assertThat(text(index, 0)).isEqualTo("words");
        assertThat(text(index, 1)).isEqualTo("other words");
        assertThat(outside).hasContent("secret");
    }

    @Test
    void whereverAFileIsCutOffTheSamplesBeforeAreWholeAndTheFaultIsNamed() throws IOException {
        var tar = new TestShards.Tar().sample(0).sample(1).sample(2);
        var whole = index(tar);
        byte[] bytes = Files.readAllBytes(whole.shard());
        for (int length = 0; length < 3 * 2048 + 512; length += 128) {
            Files.write(whole.shard(), Arrays.copyOf(bytes, length));
            var index = ShardIndex.read(whole.shard());
            int complete = 0;
            for (var sample : whole.samples()) {
                complete += sample.text().offset() + sample.text().size() <= length ? 1 : 0;
            }
            assertThat(index.samples())
                    .as("cut off at %d", length)
                    .isEqualTo(whole.samples().subList(0, complete));
            if (length <= 3 * 2048) {
                assertThat(index.faults())
                        .as("cut off at %d", length)
                        .singleElement()
                        .asString()
                        .contains("shard.tar: is not a whole tar file");
            }
        }
    }

    @Test
    void aSampleThatIsNotWholeSaysWhichFilesItHas() {
        var dots = index(new TestShards.Tar()
                .member("img 2.0 (0).jpg", "image")
                .member("img 2.0 (0).txt", "words")
                .member("img 2.0 (1).jpg", "image"));
        assertThat(dots.samples()).isEmpty();
        assertThat(dots.faults())
                .containsExactly(dots.shard()
                        + ", key img 2: lacks an image (jpg, png, webp, gif, bmp or tif), has only 0 (0).jpg, 0 (0).txt, 0 (1).jpg;"
                        + " a key ends at the first dot of a name, and its files follow one another");
        var input = index(new TestShards.Tar().member("7.input.jpg", "image").member("7.txt", "words"));
        assertThat(input.faults()).singleElement().asString().contains("key 7: lacks an image", "input.jpg, txt;");
        var caption = index(new TestShards.Tar().member("7.jpg", "image").member("7.caption", "words"));
        assertThat(caption.faults())
                .singleElement()
                .asString()
                .contains("key 7: lacks a text (txt or json)", "caption;");
    }

    @Test
    void aShardThatIsPackedIsNamed() throws IOException {
        var shard = index(new TestShards.Tar().sample(1)).shard();
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            Files.copy(shard, gzip);
        }
        Files.write(shard, packed.toByteArray());
        assertThat(ShardIndex.read(shard).faults())
                .containsExactly(shard + ": is compressed with gzip; unpack it, as samples are read where they lie");
        Files.writeString(shard, "BZh91AY&SY and more");
        assertThat(ShardIndex.read(shard).faults()).singleElement().asString().contains("compressed with bzip2");
        Files.write(shard, new byte[] {'P', 'K', 3, 4, 0, 0, 0, 0});
        assertThat(ShardIndex.read(shard).faults()).singleElement().asString().contains("is a zip file; unpack it");
    }

    @Test
    void aFileThatIsNotATarFileHasNoLastKey() throws IOException {
        var shard = folder.resolve("page.tar");
        for (String content : List.of("", "<html>" + "x".repeat(2000), "x".repeat(300))) {
            Files.writeString(shard, content);
            assertThat(ShardIndex.read(shard).faults())
                    .singleElement()
                    .asString()
                    .startsWith(shard + ": is not a whole tar file (")
                    .endsWith("), no sample can be read; fetch it again");
        }
    }

    @Test
    void aFirstNameLikeTheBeginningOfAPackedFileIsAName() {
        var index = index(new TestShards.Tar().member("BZh9.jpg", "image").member("BZh9.txt", "words"));
        assertThat(index.samples()).extracting(ShardIndex.Entry::key).containsExactly("BZh9");
    }

    @Test
    void namesThatAreNotUtf8StayDifferentKeys() {
        var index = index(new TestShards.Tar("ISO-8859-1")
                .member("caf\u00e9.jpg", "image")
                .member("caf\u00e9.txt", "words")
                .member("caf\u00e8.jpg", "image")
                .member("caf\u00e8.txt", "words"));
        assertThat(index.faults()).isEmpty();
        assertThat(index.samples()).extracting(ShardIndex.Entry::key).containsExactly("caf\u00e9", "caf\u00e8");
    }

    @Test
    void patternsStandForFiles() {
        assertThat(ShardPattern.expand("a.tar")).containsExactly("a.tar");
        assertThat(ShardPattern.expand("{00000..00115}.tar"))
                .hasSize(116)
                .startsWith("00000.tar", "00001.tar")
                .endsWith("00115.tar");
        assertThat(ShardPattern.expand("{8..11}")).containsExactly("8", "9", "10", "11");
        assertThat(ShardPattern.expand("{2..0}")).containsExactly("2", "1", "0");
        assertThat(ShardPattern.expand("{part0/a,part1/b}_{08..10}.tar"))
                .containsExactly(
                        "part0/a_08.tar",
                        "part0/a_09.tar",
                        "part0/a_10.tar",
                        "part1/b_08.tar",
                        "part1/b_09.tar",
                        "part1/b_10.tar");
        assertThat(ShardPattern.expand("{a{1..2},b}")).containsExactly("a1", "a2", "b");
        assertThatThrownBy(() -> ShardPattern.expand("{00..10.tar"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a { without its }");
        assertThatThrownBy(() -> ShardPattern.expand("{0..9999}{0..9999}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("more than 1000000 files");
    }
}
