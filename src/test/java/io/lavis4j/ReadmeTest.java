package io.lavis4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What the README, the guides and the other pages show is there. */
class ReadmeTest {

    private static final Path README = Path.of("README.md");
    private static final Path GUIDES = Path.of("src/site/markdown");
    private static final Path COMPILED = Path.of("src/it");
    private static final int LINES_BEFORE_JAVA = 40;

    private static final Pattern JAVA = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("\\]\\((?!http)([^)#]*)#?([^)]*)\\)");
    private static final Pattern HEADING = Pattern.compile("^#+ (.*)$", Pattern.MULTILINE);
    private static final Pattern PROVIDER = Pattern.compile("io\\.lavis4j\\.[\\w.]+\\$Provider");

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> files(Path folder, String ending) throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .sorted()
                    .toList();
        }
    }

    private static List<Path> pages() throws IOException {
        var others = Stream.of(README, Path.of(".github/CONTRIBUTING.md"), Path.of("native/README.md"));
        return Stream.concat(others, files(GUIDES, ".md").stream()).toList();
    }

    private static List<String> trimmed(String code) {
        return code.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    }

    @TestFactory
    Stream<DynamicTest> everyExampleIsOneThatIsCompiled() throws IOException {
        var compiled = files(COMPILED, ".java").stream()
                .map(file -> trimmed(read(file)))
                .toList();
        return pages().stream()
                .flatMap(page -> JAVA.matcher(read(page)).results().map(block -> {
                    var shown = trimmed(block.group(1));
                    return DynamicTest.dynamicTest(
                            page + ": " + shown.get(0),
                            () -> assertThat(compiled)
                                    .anySatisfy(lines -> assertThat(lines).containsSubsequence(shown)));
                }));
    }

    @Test
    void javaComesEarly() {
        var lines = read(README).lines().toList();
        assertThat(lines.indexOf("```java")).isBetween(0, LINES_BEFORE_JAVA - 1);
    }

    @TestFactory
    Stream<DynamicTest> everyLinkLeadsSomewhere() throws IOException {
        return pages().stream()
                .map(page -> DynamicTest.dynamicTest(
                        page.toString(),
                        () -> LINK.matcher(read(page)).results().forEach(link -> follow(page, link))));
    }

    private static void follow(Path page, MatchResult link) {
        String file = link.group(1), heading = link.group(2);
        var target = file.isEmpty() ? page : page.resolveSibling(file);
        assertThat(target).exists();
        if (!heading.isEmpty()) {
            assertThat(anchors(target)).contains(heading);
        }
    }

    /** The headings of a page as links name them. */
    private static List<String> anchors(Path page) {
        return HEADING.matcher(read(page))
                .results()
                .map(heading -> heading.group(1).toLowerCase(Locale.ROOT).replaceAll("[^\\w -]", ""))
                .map(heading -> heading.replace(' ', '-'))
                .toList();
    }

    @TestFactory
    Stream<DynamicTest> everyGuideIsLinkedFromTheReadme() throws IOException {
        String readme = read(README);
        return files(GUIDES, ".md").stream()
                .map(guide -> DynamicTest.dynamicTest(
                        guide.toString(), () -> assertThat(readme).contains("](" + guide)));
    }

    @TestFactory
    Stream<DynamicTest> everyProviderThatIsNamedCanBeImplemented() throws IOException {
        return pages().stream()
                .flatMap(page -> PROVIDER.matcher(read(page)).results().map(MatchResult::group))
                .distinct()
                .map(name -> DynamicTest.dynamicTest(
                        name,
                        () -> assertThat(Class.forName(name, false, ReadmeTest.class.getClassLoader()))
                                .isInterface()));
    }
}
