package io.lavis4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script that has Java make the archive of classes, before programs in the place of Java. */
class ArchiveClassesTest {

    @TempDir
    private Path folder = Path.of("");

    /** Runs the script with a Java that finds the name of the archive in {@code $archive}. */
    private String archived(String java) throws IOException, InterruptedException {
        var program = Files.writeString(folder.resolve("java"), "#!/bin/sh\narchive=${1#*=}\n" + java + "\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
        var archive = Files.writeString(folder.resolve("a.jsa"), "of an earlier build");
        var process = new ProcessBuilder(
                        System.getProperty("cmake.executable", "cmake"),
                        "-DJAVA=" + program,
                        "-DJAR=a.jar",
                        "-DSOURCE_DIR=" + folder,
                        "-DARCHIVE=" + archive,
                        "-P",
                        "cmake/ArchiveClasses.cmake")
                .redirectErrorStream(true)
                .start();
        process.getInputStream().readAllBytes();
        process.waitFor();
        return Files.exists(archive) ? Files.readString(archive, StandardCharsets.UTF_8) : "none";
    }

    @Test
    void itIsThereIfJavaEndsWell() throws IOException, InterruptedException {
        assertThat(archived("printf whole > $archive")).isEqualTo("whole");
        assertThat(archived("printf whole > $archive; exit 1")).isEqualTo("none");
        assertThat(archived("exit 0")).isEqualTo("none");
    }

    /** Java ends with a signal on one that is cut off. */
    @Test
    void aBuildThatIsKilledLeavesNoPartOfIt() throws IOException, InterruptedException {
        assertThat(archived("printf part > $archive; kill -9 $PPID")).isEqualTo("none");
    }
}
