package io.lavis4j.runner;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Images of the mini corpus in three tar shards, {@code {0..2}.tar}, six in each. */
public final class MiniShards {

    private MiniShards() {}

    public static void write(Path folder) throws IOException {
        Files.createDirectory(folder);
        try (var found = Files.walk(Path.of("src/test/resources/sherlock_mini/vg"))) {
            var images = found.filter(file -> file.toString().endsWith(".jpg"))
                    .sorted()
                    .limit(18)
                    .toList();
            assertThat(images).hasSize(18);
            for (int shard = 0; shard < 3; shard++) {
                try (var tar = new TarArchiveOutputStream(Files.newOutputStream(folder.resolve(shard + ".tar")))) {
                    for (int i = 6 * shard; i < 6 * shard + 6; i++) {
                        byte[] text = "Somebody has drawn the image of number %d"
                                .formatted(i)
                                .getBytes(UTF_8);
                        member(tar, i + ".jpg", Files.readAllBytes(images.get(i)));
                        member(tar, i + ".txt", text);
                    }
                }
            }
        }
    }

    private static void member(TarArchiveOutputStream tar, String name, byte[] content) throws IOException {
        var entry = new TarArchiveEntry(name);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }
}
