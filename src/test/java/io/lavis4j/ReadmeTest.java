package io.lavis4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ReadmeTest {

    private static final Pattern JAVA = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("\\]\\((?!http)([^)#]+)\\)");

    private static String read(String file) throws IOException {
        return Files.readString(Path.of(file));
    }

    private static List<String> trimmed(String code) {
        return code.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    }

    @Test
    void theExampleIsTheOneThatIsRun() throws IOException {
        var example = JAVA.matcher(read("README.md"));
        assertThat(example.find()).isTrue();
        var shown = trimmed(example.group(1));
        var compiled = trimmed(read("src/it/embedding/src/main/java/example/Embedding.java"));
        assertThat(compiled).containsSubsequence(shown);
    }

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        for (var page : List.of("README.md", "native/README.md")) {
            var folder = Path.of(page).toAbsolutePath().getParent();
            var links = LINK.matcher(read(page));
            while (links.find()) {
                assertThat(folder).isNotNull();
                assertThat(folder.resolve(links.group(1))).as(page).exists();
            }
        }
    }
}
