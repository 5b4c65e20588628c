package io.lavis4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lavis4j.io.JsonText;
import io.lavis4j.tensor.Cuda;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code doctor} on the machine of the tests. */
class DoctorCommandTest {

    private static final String DATA = "data_root=src/test/resources/sherlock_mini";

    @TempDir
    private Path folder = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }

    private List<String> lines() {
        return out.toString().lines().toList();
    }

    @Test
    void everythingIsSaidInOneLineEach() {
        assertThat(run("doctor")).as(out.toString()).isZero();
        assertThat(lines()).allMatch(line -> line.matches("(ok    |note  ) \\S.*: .*"));
        assertThat(out.toString())
                .containsSubsequence(
                        "ok     machine: Linux",
                        " cores, ",
                        "ok     java: ",
                        "ok     libtorch: 2.",
                        "ok     products: ",
                        "ok     images: native library",
                        " driver: ",
                        " cache of libraries: ",
                        " temporary files: ",
                        " output: ",
                        " weights: ");
    }

    @Test
    void programsReadJson() throws IOException {
        assertThat(run("doctor", "--json")).isZero();
        assertThat(lines()).hasSize(1);
        var object = JsonText.parse(out.toString());
        assertThat(object.get("sound").asBoolean()).isTrue();
        assertThat(object.get("findings")).hasSizeGreaterThan(8).allSatisfy(finding -> {
            assertThat(finding.get("level").asText()).isIn("ok", "note");
            assertThat(finding.get("what").asText()).isNotEmpty();
            assertThat(finding.get("value").asText()).isNotEmpty();
            assertThat(finding.has("advice")).isTrue();
        });
    }

    @Test
    void aGpuThatIsAskedForAndCannotBeUsedIsAFault() {
        var problem = Cuda.found().problem(0);
        assumeTrue(problem != null, "this machine has a GPU");
        Objects.requireNonNull(problem);
        assertThat(run("doctor", "--device", "cuda")).isEqualTo(1);
        assertThat(lines())
                .filteredOn(line -> line.startsWith("FAULT"))
                .singleElement()
                .satisfies(line ->
                        assertThat(line).isEqualTo("FAULT  gpu: %s — %s".formatted(problem.found(), problem.advice())));
        assertThat(run("doctor", "--device", "cpu")).isZero();
    }

    @Test
    void aJobIsLookedAtToo() {
        assertThat(run(
                        "doctor",
                        "--cfg-path",
                        "finetune/quickstart.yaml",
                        "--options",
                        DATA,
                        "run.device=cpu",
                        "run.output_dir=" + folder.resolve("output")))
                .as(out.toString())
                .isZero();
        assertThat(out.toString())
                .contains(
                        "output: " + folder.resolve("output"),
                        "ok     language model: ",
                        "ok     data: src/test/resources/sherlock_mini",
                        "ok     memory: ");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aJobThatKeepsFeaturesInMemorySaysHowManyImagesFillIt() {
        assertThat(run(
                        "doctor",
                        "--cfg-path",
                        "finetune/quickstart.yaml",
                        "--options",
                        "data_root=src/test/resources/sherlock_mini",
                        "run.device=cpu",
                        "model.freeze_vit=True",
                        "run.cache_vision_features=memory"))
                .as(err.toString())
                .isZero();
        assertThat(lines())
                .anyMatch(line -> line.matches("ok +vision features: \\d+ bytes of memory for each image, .*"));
    }

    @Test
    void whatAJobLacksIsAFaultEach() {
        assertThat(run(
                        "doctor",
                        "--cfg-path",
                        "finetune/quickstart.yaml",
                        "--options",
                        "data_root=nowhere",
                        "run.device=cpu",
                        "run.resume_ckpt_path=nowhere/checkpoint_2.pth",
                        "model.opt_model=nowhere/opt"))
                .isEqualTo(1);
        assertThat(lines())
                .filteredOn(line -> line.startsWith("FAULT"))
                .hasSize(3)
                .anyMatch(line -> line.contains("data: nowhere is not a folder — set --options data_root=DIR"))
                .anyMatch(line -> line.contains("resumed run: nowhere/checkpoint_2.pth is not there"));
    }

    @Test
    void wrongUseIsSaid() {
        assertThat(run("doctor", "--device", "gpu")).isEqualTo(2);
        assertThat(err.toString()).contains("--device gpu: expected cpu, cuda, cuda:N or auto");
        assertThat(run("doctor", "--options", DATA)).isEqualTo(2);
        assertThat(err.toString()).contains("--options without --cfg-path: expected --cfg-path FILE");
        assertThat(run("doctor", "--cfg-path", "finetune/nothing.yaml")).isEqualTo(2);
    }
}
