package io.lavis4j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.pytorch.global.torch.ones;

import io.lavis4j.checkpoint.TestFiles.Pickle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints of which something that is not a tensor is large. */
final class LargeCheckpointTest {
    private static final int MEBIBYTE = 1 << 20;

    private final PointerScope scope = new PointerScope();

    @TempDir
    Path folder;

    @AfterEach
    void closeScope() {
        scope.close();
    }

    @Test
    void aPickleOfMillionsOfValuesIsRead() {
        int values = 5_000_000;
        var file = TestFiles.pth(folder.resolve("m.pth"), new Pickle().op("](" + "K\1".repeat(values) + "e"));
        List<?> read = Checkpoints.get(Checkpoints.read(file), List.class);
        assertThat(read).hasSize(values);
    }

    @Test
    void aPickleOfManyMebibytesIsRead() {
        String text = "x".repeat(65 * MEBIBYTE);
        var file = TestFiles.pth(folder.resolve("m.pth"), new Pickle().text(text));
        assertThat(Checkpoints.get(Checkpoints.read(file), String.class)).hasSameSizeAs(text);
    }

    @Test
    void aPickleOfManyMebibytesIsReadFromTheOldFormat() throws IOException {
        var file = folder.resolve("old.pth");
        String text = "x".repeat(65 * MEBIBYTE);
        try (var out = Files.newOutputStream(file)) {
            out.write(TestFiles.oldHead());
            out.write(new Pickle().text(text).bytes());
            out.write(new Pickle().op("]").bytes());
        }
        assertThat(Checkpoints.get(Checkpoints.read(file), String.class)).hasSameSizeAs(text);
    }

    @Test
    void aZipDirectoryOfManyMebibytesIsRead() {
        var file = folder.resolve("many.zip");
        String name = "archive/" + "n".repeat(60_000);
        CheckpointFile.write(file, out -> {
            var zip = new ZipWriter(out);
            for (int i = 0; i < 1200; i++) {
                zip.add(name + i, new byte[] {1});
            }
            zip.finish();
        });
        try (var opened = MappedFile.open(file)) {
            assertThat(new ZipDirectory(opened).contains(name + 1199)).isTrue();
        }
    }

    @Test
    void anIndexOfManyMebibytesIsRead() throws IOException {
        SafeTensors.write(folder.resolve("one.safetensors"), Map.of("w", ones(2)), Map.of());
        var index = folder.resolve("model.safetensors.index.json");
        Files.writeString(index, "{\"weight_map\": {\"w\": \"one.safetensors\"}" + " ".repeat(17 * MEBIBYTE) + "}");
        assertThat(Checkpoints.stateDict(folder)).containsOnlyKeys("w");
    }
}
