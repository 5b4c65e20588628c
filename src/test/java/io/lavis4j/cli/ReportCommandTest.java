package io.lavis4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportCommandTest {

    @TempDir
    private Path folder = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(Object... arguments) {
        var texts = Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new);
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), texts);
    }

    private Path newRun() throws IOException {
        var run = Files.createDirectories(folder.resolve("20260101120"));
        Files.writeString(run.resolve("log.txt"), "{\"epoch\":0,\"train_loss\":2.5}\n");
        return run;
    }

    @Test
    void thePageIsWrittenIntoTheRunAndItsPathPrinted() throws IOException {
        var run = newRun();
        assertThat(run("report", folder)).isZero(); // the parent's newest run
        assertThat(out.toString().strip()).isEqualTo(run.resolve("report.html").toString());
        assertThat(run.resolve("report.html")).content().contains("epoch 0: train 2.5000", "</html>");
    }

    @Test
    void thePageMayGoElsewhere() throws IOException {
        newRun();
        var page = folder.resolve("page.html");
        assertThat(run("report", folder, "--output", page, "--bootstrap", 0, "--seed", 3, "--count", 1))
                .isZero();
        assertThat(out.toString().strip()).isEqualTo(page.toString());
        assertThat(page).exists();
    }

    @Test
    void whatIsWrongIsNamedWithWhatToDo() throws IOException {
        assertThat(run("report", folder.resolve("nowhere"))).isEqualTo(1);
        assertThat(err.toString()).contains("nowhere", "log.txt");
        newRun();
        assertThat(run("report", folder, "--epoch", 3)).isEqualTo(1);
        assertThat(err.toString()).contains("There are no generated texts", "evaluate --run");
        assertThat(run("report", folder, "--count", -1)).isEqualTo(2);
        assertThat(err.toString()).contains("--count -1: expected 0 to 500 images");
        assertThat(run("report", folder, "--bootstrap", -1)).isEqualTo(2);
        assertThat(err.toString()).contains("--bootstrap -1: expected 0 or more resamples");
        assertThat(run("report", folder, "--data-root", folder.resolve("none"))).isEqualTo(2);
        assertThat(err.toString()).contains("none: there is no such file or folder");
        assertThat(run("report")).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
    }
}
