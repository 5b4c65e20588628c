package io.lavis4j.dataset.sherlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SherlockPathsTest {

    @ParameterizedTest
    @CsvSource(textBlock = """
                    http://s3-us-west-2.amazonaws.com/ai2-rowanz/vcr1images/lsmdc_1_A/1_A_00.07-00.09@0.jpg, vcr1images/lsmdc_1_A/1_A_00.07-00.09@0.jpg
                    https://cs.stanford.edu/people/rak248/VG_100K_2/2.jpg, vg/images/VG_100K_2/2.jpg
                    https://host/VG_100K/2.jpg, vg/images/VG_100K/2.jpg
                    vcr1images/m/2.jpg, vcr1images/m/2.jpg
                    VG_100K/2.jpg, vg/images/VG_100K/2.jpg
                    https://host/x/a b/50%25 %41 é..jpg, vg/images/a b/50%25 %41 é..jpg
                    """)
    void theEndOfTheUrlNamesTheFile(String url, String file) {
        assertThat(SherlockPaths.relative(url)).isEqualTo(file);
        assertThat(new SherlockPaths(List.of(Path.of("/data"))).file(url)).isEqualTo(Path.of("/data", file));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "plain.jpg",
                "https://host/plain.jpg",
                "https://host/VG_100K/",
                "https://host//x.jpg",
                "/etc/passwd",
                "https://host/VG_100K/../x.jpg",
                "https://host/VG_100K/../../../../etc/hostname",
                "https://host/VG_100K/./x.jpg",
                "https://host/VG_100K/..",
                "https://host/a\\b/x.jpg",
                "https://host/VG_100K/..\\x.jpg",
                "https://host/vcr1images/..%2f..%2fx/y.jpg",
                "https://host/vcr1images/%2E%2e/y.jpg",
                "https://host/vcr1images/%252e%252e/y.jpg",
                "https://host/VG_100K/x%5Cy.jpg",
                "https://host/VG_100K/x\0.jpg",
                "https://host/VG_100K/x%00.jpg"
            })
    void nothingOutsideTheRootCanBeNamed(String url) {
        assertThatThrownBy(() -> SherlockPaths.relative(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a URL ");
    }

    @Test
    void rootsAreSearchedInOrder(@TempDir Path folder) throws IOException {
        var first = folder.resolve("first");
        var second = folder.resolve("second");
        Files.createDirectories(first.resolve("vg/images/VG_100K"));
        Files.createDirectories(second.resolve("vg/images/VG_100K"));
        Files.createFile(second.resolve("vg/images/VG_100K/1.jpg"));
        var paths = new SherlockPaths(List.of(first, second));

        assertThat(paths.file("VG_100K/1.jpg")).isEqualTo(second.resolve("vg/images/VG_100K/1.jpg"));
        assertThat(paths.file("VG_100K/2.jpg")).isEqualTo(first.resolve("vg/images/VG_100K/2.jpg"));
        Files.createFile(first.resolve("vg/images/VG_100K/1.jpg"));
        assertThat(paths.file("VG_100K/1.jpg")).isEqualTo(first.resolve("vg/images/VG_100K/1.jpg"));
    }
}
