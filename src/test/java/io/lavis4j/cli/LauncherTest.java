package io.lavis4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script of {@code src/main/scripts} as the build leaves it in {@code target}, before programs that only tell. */
class LauncherTest {
    private static final String VERSION = "2.13.0";
    private static final String HEAP = "<-Xms32m>";

    @TempDir
    private Path folder;

    private final Map<String, String> environment = new HashMap<>();
    private Path script;

    /** What a run of the script printed, its standard error after that, and its exit status. */
    private record Run(String output, int status) {}

    @BeforeEach
    void lay() throws IOException {
        script = Files.createDirectories(folder.resolve("a place")).resolve("lavis4j");
        Files.copy(Path.of("target", "lavis4j"), script);
        assertThat(script.toFile().setExecutable(true)).isTrue();
        Files.createFile(script.resolveSibling("lavis4j.jar"));
        program("bin/java", "printf '<%s>' \"$@\"; exit 7");
        environment.put("PATH", folder.resolve("bin") + ":" + Files.createDirectories(folder.resolve("empty")));
        environment.put("HOME", folder.resolve("home").toString());
        for (String tool : List.of("dirname", "readlink", "sed", "head")) {
            program("bin/" + tool, "exec %s \"$@\"".formatted(installed(tool)));
        }
    }

    @Test
    void withoutAWordItIsTheJarsLibtorch() throws IOException {
        var run = run("train", "--cfg-path", "a file.yaml", "*", "");

        assertThat(run.output()).isEqualTo(HEAP + "<-jar><%s><train><--cfg-path><a file.yaml><*><>".formatted(jar()));
        assertThat(run.status()).isEqualTo(7);
    }

    @Test
    void aFewCaptionsDoWithoutTheOptimizingCompiler() throws IOException {
        String quick = "<-XX:TieredStopAtLevel=1>";

        assertThat(run("caption", "a.jpg").output())
                .isEqualTo(HEAP + quick + "<-jar><%s><caption><a.jpg>".formatted(jar()));
        assertThat(run("caption", "--out", "rows", "a").output()).doesNotContain(quick);
        assertThat(run("caption", "--out=rows", "a").output()).doesNotContain(quick);
        assertThat(run("train", "caption").output()).doesNotContain(quick);
    }

    @Test
    void theOriginalsScriptLaunchesItsConfiguration() throws IOException {
        String original = "run_scripts/blip2/train/train_caption_sherlock.sh";
        program("a place/lavis4j", "printf '<%s>' \"$@\"");
        script = script.resolveSibling(original);
        Files.createDirectories(script.getParent());
        Files.copy(Path.of("target", original), script);
        var train = "<train><--cfg-path><finetune/caption_sherlock.yaml>";

        assertThat(run().output()).isEqualTo("<launch><--nproc_per_node><1>" + train);
        environment.put("NPROC_PER_NODE", "4");
        assertThat(run("--options", "data_root=a b").output())
                .isEqualTo("<launch><--nproc_per_node><4>" + train + "<--options><data_root=a b>");
    }

    @Test
    void theOptionGoesBeforeTheVariable() throws IOException {
        environment.put("LAVIS4J_LIBTORCH", "/nowhere");

        assertThat(run("--libtorch", "jar", "zoo").output()).isEqualTo(HEAP + "<-jar><%s><zoo>".formatted(jar()));
        assertThat(run("--libtorch=jar", "zoo").output()).isEqualTo(HEAP + "<-jar><%s><zoo>".formatted(jar()));
        assertThat(run("zoo").output()).contains("lavis4j: LAVIS4J_LIBTORCH=/nowhere: expected jar, pip or a folder");
    }

    @Test
    void aFolderIsSoughtFromWhereOneStands() throws IOException {
        torch("elsewhere/torch", VERSION);
        environment.put("CDPATH", folder.resolve("elsewhere").toString());
        var torch = torch("torch", VERSION);

        assertThat(run("--libtorch", "torch", "zoo").output()).isEqualTo(onTorch(torch, VERSION, "<zoo>"));
    }

    @Test
    void theCacheIsInTheUsersHomeWhateverHomeSays() throws IOException {
        var torch = torch("torch", VERSION);
        var cache = "<-Dorg.bytedeco.javacpp.cachedir=%s/.javacpp/libtorch/".formatted(System.getProperty("user.home"));

        environment.remove("HOME");
        assertThat(run("--libtorch", torch.toString(), "zoo").output()).contains(cache);
        environment.put("HOME", "");
        assertThat(run("--libtorch", torch.toString(), "zoo").output()).contains(cache);
    }

    @Test
    void aFolderGoesFirstWithACacheOfItsOwn() throws IOException {
        var torch = torch("my venv/torch", VERSION + "+cu130");

        var run = run("--libtorch", torch.toString(), "zoo");

        assertThat(run.output()).isEqualTo(onTorch(torch, VERSION + "+cu130", "<zoo>"));
        assertThat(run.status()).isEqualTo(7);
    }

    @Test
    void anArchiveOfLibtorchSaysItsVersionInAFile() throws IOException {
        var libtorch = Files.createDirectories(folder.resolve("libtorch"));
        Files.createFile(Files.createDirectories(libtorch.resolve("lib")).resolve("libtorch_cpu.so"));
        Files.writeString(libtorch.resolve("build-version"), VERSION + "+cpu\n");

        assertThat(run("--libtorch=" + libtorch, "zoo").output())
                .isEqualTo(onTorch(libtorch, VERSION + "+cpu", "<zoo>"));
    }

    @Test
    void worksThroughALinkAndFromAnyFolder() throws IOException {
        torch("torch", VERSION);
        var link = Files.createSymbolicLink(folder.resolve("link"), script);
        script = link;

        assertThat(run("--libtorch", "torch", "zoo").output())
                .isEqualTo(onTorch(folder.resolve("torch"), VERSION, "<zoo>"));
    }

    @Test
    void optionsOfJavaFollowItsOwn() throws IOException {
        environment.put("JAVA_OPTS", "-Xmx4g  -Dpattern=*");

        assertThat(run("zoo").output()).isEqualTo(HEAP + "<-Xmx4g><-Dpattern=*><-jar><%s><zoo>".formatted(jar()));
    }

    @Test
    void classesComeFromTheArchiveThatIsThere() throws IOException {
        var archive = Files.createFile(script.resolveSibling("lavis4j.jsa"));
        var torch = torch("torch", VERSION);
        environment.put("JAVA_OPTS", "-Xmx4g");
        var options = "<-XX:SharedArchiveFile=%s><-Xlog:cds=off><-Xlog:cds+dynamic=off>".formatted(archive);

        assertThat(run("zoo").output()).isEqualTo(HEAP + options + "<-Xmx4g><-jar><%s><zoo>".formatted(jar()));
        assertThat(run("--libtorch", torch.toString(), "zoo").output())
                .startsWith(HEAP + options + "<-Dorg.bytedeco.javacpp.pathsFirst=true>")
                .endsWith("<-Xmx4g><-jar><%s><zoo>".formatted(jar()));
    }

    @Test
    void memoryComesInLargePagesUnlessTheEnvironmentSaysOtherwise() throws IOException {
        program("bin/java", "printf '%s' \"$GLIBC_TUNABLES\"");
        assertThat(run("zoo").output()).isEqualTo("glibc.malloc.hugetlb=1");

        environment.put("GLIBC_TUNABLES", "");
        assertThat(run("zoo").output()).isEmpty();
    }

    @Test
    void javaHomeGoesBeforeThePath() throws IOException {
        program("jdk/bin/java", "printf 'the jdk'");
        environment.put("JAVA_HOME", folder.resolve("jdk").toString());
        assertThat(run("zoo").output()).isEqualTo("the jdk");

        environment.put("JAVA_HOME", "/no/jdk");
        assertThat(run("zoo"))
                .isEqualTo(error("JAVA_HOME is /no/jdk, but /no/jdk/bin/java is not a program;"
                        + " set it to a JDK of 17 or later, or unset it"));

        environment.remove("JAVA_HOME");
        Files.delete(folder.resolve("bin/java"));
        assertThat(run("zoo"))
                .isEqualTo(error("no java on the PATH; install a JDK of 17 or later, or set JAVA_HOME to one"));
    }

    @Test
    void pipIsTheTorchOfTheActiveEnvironment() throws IOException {
        var torch = torch("venv/torch", VERSION + "+cu130");
        python("venv/bin/python", torch);
        python("bin/python3", torch("other/torch", VERSION));
        environment.put("VIRTUAL_ENV", folder.resolve("venv").toString());

        assertThat(run("--libtorch", "pip", "zoo").output()).isEqualTo(onTorch(torch, VERSION + "+cu130", "<zoo>"));
    }

    @Test
    void pipGoesOnToThePythonThatHasTheVersion() throws IOException {
        var torch = torch("conda/torch", VERSION + "+cpu");
        python("venv/bin/python", null);
        python("conda/bin/python", torch);
        environment.put("VIRTUAL_ENV", folder.resolve("venv").toString());
        environment.put("CONDA_PREFIX", folder.resolve("conda").toString());
        environment.put("LAVIS4J_LIBTORCH", "pip");

        assertThat(run("zoo").output()).isEqualTo(onTorch(torch, VERSION + "+cpu", "<zoo>"));
    }

    @Test
    void pipWithoutTheVersionSaysWhatWasFoundAndWhatToDo() throws IOException {
        python("bin/python3", torch("old/torch", "2.11.0+cu128"));
        python("bin/python", null);

        assertThat(run("--libtorch", "pip", "zoo"))
                .isEqualTo(error(
                        "expected a Python with torch 2.13.0, which the bindings were compiled for; found",
                        "  %s/bin/python3 has torch 2.11.0+cu128 in %s/old/torch".formatted(folder, folder),
                        "  %s/bin/python has no torch".formatted(folder),
                        "do  %s/bin/python3 -m pip install torch==2.13.0".formatted(folder)));
    }

    @Test
    void pipWithoutPythonIsAnError() throws IOException {
        assertThat(run("--libtorch", "pip", "zoo"))
                .isEqualTo(error(
                        "no python on the PATH, and none in VIRTUAL_ENV or CONDA_PREFIX; give the folder of a libtorch"
                                + " 2.13.0 instead: --libtorch PATH"));
    }

    @Test
    void aFolderOfAnotherVersionOrWithoutLibtorchIsAnError() throws IOException {
        var old = torch("old", "2.13.1");
        assertThat(run("--libtorch", "old", "zoo"))
                .isEqualTo(error(
                        "--libtorch old: expected libtorch 2.13.0, which the bindings were compiled for; %s has 2.13.1;"
                                        .formatted(old)
                                + " do  pip install torch==2.13.0  and give  --libtorch pip"));

        assertThat(run("--libtorch", "empty", "zoo").output())
                .contains("--libtorch empty: expected the folder of a libtorch, with a file build-version")
                .contains("%s/empty has neither with a version in it".formatted(folder));

        Files.delete(torch("bare", VERSION).resolve("lib/libtorch_cpu.so"));
        assertThat(run("--libtorch", "bare", "zoo").output())
                .contains("expected %s/bare/lib/libtorch_cpu.so, and it is not there".formatted(folder));
    }

    @Test
    void saysWhatIsMissing() throws IOException {
        assertThat(run("--libtorch")).isEqualTo(error("--libtorch: expected jar, pip or a folder after it"));

        Files.delete(script.resolveSibling("lavis4j.jar"));
        assertThat(run("zoo"))
                .isEqualTo(error(
                        "expected lavis4j.jar beside this script, in %s, and it is not there; build it: mvn -q -DskipTests"
                                        .formatted(script.getParent())
                                + " package"));
    }

    private String jar() {
        return folder.resolve("a place/lavis4j.jar").toString();
    }

    private String onTorch(Path torch, String version, String arguments) {
        return HEAP
                + "<-Dorg.bytedeco.javacpp.pathsFirst=true><-Djava.library.path=%s/lib><-Dorg.bytedeco.javacpp.cachedir=%s><-jar><%s>%s"
                        .formatted(
                                torch,
                                folder.resolve("home/.javacpp/libtorch/" + version)
                                                .toString()
                                        + torch,
                                jar(),
                                arguments);
    }

    private static Run error(String... lines) {
        return new Run(Stream.of(lines).map(line -> "lavis4j: " + line + "\n").reduce("", String::concat), 2);
    }

    private Path torch(String name, String version) throws IOException {
        var torch = Files.createDirectories(folder.resolve(name));
        Files.writeString(
                torch.resolve("version.py"), "from typing import Optional\n\n__version__ = '%s'\n".formatted(version));
        Files.createFile(Files.createDirectories(torch.resolve("lib")).resolve("libtorch_cpu.so"));
        return torch;
    }

    /** A Python that has this torch; {@code null} for none. */
    private void python(String name, @Nullable Path torch) throws IOException {
        program(name, torch == null ? "true" : "printf '%s\\n' '" + torch + "'");
    }

    private void program(String name, String body) throws IOException {
        var program = folder.resolve(name);
        Files.createDirectories(program.getParent());
        Files.writeString(program, "#!" + installed("bash") + "\n" + body + "\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
    }

    private static Path installed(String tool) {
        return Stream.of(System.getenv("PATH").split(":"))
                .map(path -> Path.of(path, tool))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(tool + " is not on the PATH"));
    }

    private Run run(String... arguments) throws IOException {
        var command = Stream.concat(Stream.of(installed("bash").toString(), script.toString()), Stream.of(arguments))
                .toList();
        var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(environment);
        var process = builder.start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return new Run(output, process.waitFor());
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while the script ran", e);
        }
    }
}
