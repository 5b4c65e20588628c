package io.lavis4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Commands in a process whose locale has ASCII alone, which Java takes for the names of files. A shell makes the names,
 * as this process may not be able to.
 */
@EnabledOnOs(OS.LINUX)
class LocaleTest {

    private static final String NAME = "\uc0ac";
    private static final String NAME_IN_SHELL = "$(printf '\\354\\202\\254')";

    @TempDir
    private Path folder = Path.of("");

    private record Result(int status, String out, String err) {}

    /** @param locale value of {@code LC_ALL}; where empty no locale is set */
    private Result run(String locale, String arguments) throws IOException, InterruptedException {
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(part -> Path.of(part).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
        String java = ProcessHandle.current().info().command().orElse("java");
        var builder = new ProcessBuilder(
                        "sh",
                        "-c",
                        "\"$JAVA\" -XX:TieredStopAtLevel=1 %s %s >out 2>err".formatted(Main.class.getName(), arguments))
                .directory(folder.toFile());
        var environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("LC_") || name.equals("LANG"));
        environment.remove("LAVIS_DATA_ROOT");
        environment.put("JAVA", java);
        environment.put("CLASSPATH", classPath);
        if (!locale.isEmpty()) {
            environment.put("LC_ALL", locale);
        }
        int status = builder.start().waitFor();
        return new Result(status, Files.readString(folder.resolve("out")), Files.readString(folder.resolve("err")));
    }

    private static void assertOneLine(Result result, String part) {
        assertThat(result.status()).as(result.err()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err().lines()).hasSize(1);
        assertThat(result.err()).startsWith("error: ").contains("(set LC_ALL=C.UTF-8)", part);
    }

    @ParameterizedTest
    @ValueSource(strings = {"C", "POSIX", ""})
    void anArgumentOutsideAsciiIsOneErrorWithTheRemedy(String locale) throws IOException, InterruptedException {
        assertOneLine(run(locale, "caption --run . " + NAME_IN_SHELL + ".jpg"), ".jpg");
        assertOneLine(
                run(
                        locale,
                        "train --cfg-path finetune/caption_sherlock_mini.yaml --options data_root=" + NAME_IN_SHELL),
                "data_root=");
    }

    @ParameterizedTest
    @ValueSource(strings = {"C", ""})
    void aFolderWithNamesOutsideAsciiIsOneErrorWithTheRemedy(String locale) throws IOException, InterruptedException {
        run(locale, "zoo; mkdir images; touch images/" + NAME_IN_SHELL + ".jpg");
        assertOneLine(run(locale, "caption --run . images"), ".jpg");
    }

    @ParameterizedTest
    @ValueSource(strings = {"C", ""})
    void aSettingOutsideAsciiIsNamedByItsKey(String locale) throws IOException, InterruptedException {
        var file = folder.resolve("a.yaml");
        String mini = Files.readString(Path.of("configs/finetune/caption_sherlock_mini.yaml"));
        Files.writeString(file, mini.replaceFirst("output_dir: .*", "output_dir: " + NAME));
        assertOneLine(run(locale, "train --cfg-path a.yaml --options data_root=."), "run.output_dir is not a path: ");
        Files.writeString(file, mini.replaceFirst("(?m)^data_root:.*", "data_root: /data/" + NAME));
        assertOneLine(run(locale, "train --cfg-path a.yaml"), "data_root is not a path: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"C", ""})
    void allElseWorksAsEverAndIsWrittenAsUtf8(String locale) throws IOException, InterruptedException {
        var zoo = run(locale, "zoo");
        assertThat(zoo.status()).isZero();
        assertThat(zoo.out()).contains("blip2_opt");
        Files.writeString(folder.resolve("a.yaml"), "model: {arch: blip2_opt, model_type: %s}".formatted(NAME));
        var wrong = run(locale, "train --cfg-path a.yaml");
        assertThat(wrong.status()).isEqualTo(2);
        assertThat(wrong.err()).contains("model.model_type is \"" + NAME + "\"");
    }
}
