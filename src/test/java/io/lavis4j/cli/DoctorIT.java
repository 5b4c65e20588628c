package io.lavis4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lavis4j.tensor.Cuda;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code doctor} in a process of its own, on machines on which one thing is wrong. */
class DoctorIT {

    private static final Path CHECKPOINT = Path.of("src/test/resources/golden/i_checkpoints/checkpoint_3.pth");
    private static final String NATIVES_OF_LIBTORCH = ".*pytorch-[\\d.-]+-linux[^/]*\\.jar";
    private static final List<String> QUICKSTART = List.of(
            "--cfg-path",
            "finetune/quickstart.yaml",
            "--options",
            "data_root=src/test/resources/sherlock_mini",
            "run.device=cpu");

    @TempDir
    private Path folder = Path.of("");

    private final DoctorProcess machine = new DoctorProcess();

    @Test
    void aSoundMachineIsSound() throws IOException, InterruptedException {
        var result = machine.doctor(QUICKSTART);
        assertThat(result.lines()).anyMatch(line -> line.startsWith("ok     memory: "));
        assertThat(result.wrong()).isEmpty();
        assertThat(result.status()).isZero();
    }

    @Test
    void theFirstRunTakesLibtorchOutOfItsJar() throws IOException, InterruptedException {
        machine.option("-Dorg.bytedeco.javacpp.cachedir=" + folder);
        var result = machine.doctor();
        assertThat(result.lines()).anyMatch(line -> line.startsWith("ok     libtorch: "));
        assertThat(result.wrong()).isEmpty();
        assertThat(result.status()).isZero();
    }

    @Test
    void libtorchsLibraryIsMissing() throws IOException, InterruptedException {
        machine.withoutJars(NATIVES_OF_LIBTORCH);
        var result = machine.doctor(QUICKSTART);
        assertThat(result.wrong())
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .startsWith("FAULT  libtorch: libtorch cannot be loaded: ")
                        .contains("classifier linux-x86_64"));
        assertThat(result.lines()).as("the rest is said").anyMatch(line -> line.startsWith("ok     language model: "));
        assertThat(result.status()).isEqualTo(1);
    }

    @Test
    void theConfigurationOfALanguageModelIsDamaged() throws IOException, InterruptedException {
        var model = Files.createDirectories(folder.resolve("facebook/opt-2.7b"));
        Files.writeString(model.resolve("config.json"), "{bad");
        Files.copy(CHECKPOINT, model.resolve("pytorch_model.bin"));
        machine.variable("LAVIS_WEIGHTS", folder.toString());
        var result = machine.doctor("--cfg-path", "finetune/caption_sherlock.yaml", "--options", "run.device=cpu");
        assertThat(result.wrong())
                .as("the rest is said, too")
                .anyMatch(line -> line.startsWith("FAULT  vision encoder: "))
                .anyMatch(line -> line.startsWith("FAULT  memory: %s, line 1".formatted(model.resolve("config.json"))));
        assertThat(result.status()).isEqualTo(1);
    }

    @Test
    void aFolderOfWeightsIsMissing() throws IOException, InterruptedException {
        var none = folder.resolve("none");
        machine.variable("LAVIS_WEIGHTS", none.toString());
        var result = machine.doctor();
        assertThat(result.wrong())
                .containsExactly(
                        "FAULT  LAVIS_WEIGHTS: %s is not a folder — correct it, or make the folder".formatted(none));
        assertThat(result.status()).isEqualTo(1);
    }

    @Test
    void aFileOfWeightsIsCutOff() throws IOException, InterruptedException {
        byte[] whole = Files.readAllBytes(CHECKPOINT);
        var file = Files.write(folder.resolve("eva_vit_g.pth"), Arrays.copyOf(whole, whole.length / 2));
        machine.variable("LAVIS_WEIGHTS", folder.toString());
        var result = machine.doctor();
        assertThat(result.wrong())
                .singleElement()
                .satisfies(line ->
                        assertThat(line).startsWith("FAULT  weights: ").contains(file.toString(), " — fetch it again"));
        assertThat(result.status()).isEqualTo(1);
        Files.write(file, whole);
        assertThat(machine.doctor().status()).isZero();
    }

    @Test
    void threadsAreNotANumber() throws IOException, InterruptedException {
        machine.variable("OMP_NUM_THREADS", "0");
        var result = machine.doctor();
        assertThat(result.wrong())
                .singleElement()
                .satisfies(
                        line -> assertThat(line)
                                .startsWith(
                                        "note   OMP_NUM_THREADS: \"0\" is not a number of threads, and ignored — set it to 1 to "));
        assertThat(result.status()).as("slower, and goes on").isZero();
    }

    @Test
    void theOutputFolderCannotBeMade() throws IOException, InterruptedException {
        var file = Files.writeString(folder.resolve("file"), "");
        var arguments = new ArrayList<>(QUICKSTART);
        arguments.add("run.output_dir=" + file.resolve("output"));
        var result = machine.doctor(arguments);
        assertThat(result.wrong())
                .containsExactly(
                        "FAULT  output: %s: %s is a file — take another folder, or change the rights of this one"
                                .formatted(file.resolve("output"), file));
        assertThat(result.status()).isEqualTo(1);
    }

    @Test
    void theCacheOfLibrariesCannotBeWritten() throws IOException, InterruptedException {
        var file = Files.writeString(folder.resolve("file"), "");
        machine.option("-Dorg.bytedeco.javacpp.cachedir=" + file.resolve("cache"));
        var result = machine.doctor();
        assertThat(result.wrong())
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .startsWith("note   cache of libraries: ")
                        .contains("as %s cannot be written — ".formatted(file.resolve("cache"))));
        assertThat(result.status()).isZero();
    }

    @Test
    void thereIsNoGpu() throws IOException, InterruptedException {
        var problem = Cuda.found().problem(0);
        assumeTrue(problem != null, "this machine has a GPU");
        Objects.requireNonNull(problem);
        var result = machine.doctor("--device", "cuda");
        assertThat(result.wrong()).containsExactly("FAULT  gpu: %s — %s".formatted(problem.found(), problem.advice()));
        assertThat(result.status()).isEqualTo(1);
    }
}
