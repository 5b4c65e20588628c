package io.lavis4j.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricFilesTest {

    @Test
    void aMissingFileFails(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("captions2.json"), "{}");
        assertThatThrownBy(() -> MetricFiles.in(folder, "captions")).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> MetricFiles.in(folder.resolve("absent"), "captions"))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void furtherFilesAreFound(@TempDir Path folder) throws IOException {
        for (var name : new String[] {"captions.json", "captions@other.json", "captions_x.json", "captions@a.txt"}) {
            Files.writeString(folder.resolve(name), "{}");
        }
        assertThat(MetricFiles.in(folder, "captions"))
                .containsExactly(folder.resolve("captions.json"), folder.resolve("captions@other.json"));
    }
}
