package io.lavis4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as the build leaves it in {@code target}: the launcher, a jar, and the archive of its classes. */
class ClassArchiveIT {

    private static final Path TARGET = Path.of("target").toAbsolutePath();
    private static final String FROM_ARCHIVE = "io.lavis4j.cli.Main source: shared objects file (top)";

    @Test
    void theLauncherTakesClassesFromIt() throws IOException {
        assertThat(zoo(TARGET, "-Xlog:class+load")).contains(FROM_ARCHIVE).contains("caption_coco_opt2.7b");
    }

    @Test
    void oneOfAnotherJarIsPassedOverInSilence(@TempDir Path folder) throws IOException {
        for (String file : new String[] {"lavis4j", "lavis4j.jar", "lavis4j.jsa"}) {
            Files.copy(TARGET.resolve(file), folder.resolve(file));
        }
        assertThat(folder.resolve("lavis4j").toFile().setExecutable(true)).isTrue();
        Files.setLastModifiedTime(folder.resolve("lavis4j.jar"), FileTime.fromMillis(0));
        Files.createSymbolicLink(folder.resolve("lib"), TARGET.resolve("lib"));

        assertThat(zoo(folder, "-Xlog:class+load")).doesNotContain(FROM_ARCHIVE);
        assertThat(zoo(folder, "")).isEqualTo(zoo(TARGET, "")).doesNotContain("archive");
    }

    private static String zoo(Path folder, String options) throws IOException {
        var builder = new ProcessBuilder(folder.resolve("lavis4j").toString(), "zoo").redirectErrorStream(true);
        builder.environment().put("JAVA_OPTS", options);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        var process = builder.start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
