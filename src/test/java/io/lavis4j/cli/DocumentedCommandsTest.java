package io.lavis4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Commands in the README and in the first lines of configurations are commands. */
class DocumentedCommandsTest {

    private static final Pattern JAR = Pattern.compile("java -jar target/lavis4j\\.jar (.*)");
    private static final Pattern EXEC = Pattern.compile("-Dexec\\.args=\"(.*?)\"");
    private static final Pattern FIRST_LINE = Pattern.compile("# lavis4j (.*)");

    @TestFactory
    Stream<DynamicTest> theReadmesCommandsParse() throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        var commands = new ArrayList<String>();
        for (var pattern : List.of(JAR, EXEC)) {
            pattern.matcher(readme).results().map(found -> found.group(1)).forEach(commands::add);
        }
        assertThat(commands).hasSizeGreaterThanOrEqualTo(3);
        return commands.stream().map(command -> DynamicTest.dynamicTest(command, () -> parse(command)));
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
