package io.lavis4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Commands in the README, in the guides and in the first lines of configurations are commands. */
class DocumentedCommandsTest {

    private static final Pattern JAR = Pattern.compile("java -jar target/lavis4j\\.jar (.*)");
    private static final Pattern LAUNCHER = Pattern.compile("target/lavis4j --libtorch pip ([^`\\n]+)");
    private static final Pattern EXEC = Pattern.compile("-Dexec\\.args=\"(.*?)\"");
    private static final Pattern FIRST_LINE = Pattern.compile("# lavis4j (.*)");

    @TestFactory
    Stream<DynamicTest> theCommandsOfReadmeAndGuidesParse() throws IOException {
        try (var guides = Files.list(Path.of("src/site/markdown"))) {
            var pages = Stream.concat(Stream.of(Path.of("README.md")), guides.sorted())
                    .toList();
            var commands =
                    pages.stream().flatMap(DocumentedCommandsTest::commands).toList();
            assertThat(commands).hasSizeGreaterThanOrEqualTo(10);
            return commands.stream();
        }
    }

    private static Stream<DynamicTest> commands(Path page) {
        String text = read(page);
        return Stream.of(JAR, LAUNCHER, EXEC)
                .flatMap(pattern -> pattern.matcher(text).results())
                .map(found -> found.group(1))
                .map(command -> DynamicTest.dynamicTest(page.getFileName() + ": " + command, () -> parse(command)));
    }

    private static String read(Path page) {
        try {
            return Files.readString(page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @TestFactory
    Stream<DynamicTest> theCommandsOfConfigurationsParse() throws IOException {
        try (var files = Files.walk(Path.of("configs"))) {
            var runs = files.filter(file -> file.toString().matches(".*/(finetune|evaluate|pretrain)/.*\\.yaml"))
                    .toList();
            assertThat(runs).isNotEmpty();
            return runs.stream()
                    .map(file -> DynamicTest.dynamicTest(file.toString(), () -> {
                        var first = FIRST_LINE.matcher(Files.readAllLines(file).get(0));
                        assertThat(first.matches()).isTrue();
                        parse(first.group(1));
                    }));
        }
    }

    private static void parse(String command) {
        Main.commandLine().parseArgs(command.strip().split(" +", -1));
    }
}
