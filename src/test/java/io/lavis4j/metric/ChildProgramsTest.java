package io.lavis4j.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lavis4j.metric.meteor.MeteorJar;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** METEOR's and SPICE's protocols with a program that stands for them. */
class ChildProgramsTest {

    @TempDir
    private Path folder = Path.of("");

    private Path jar = Path.of("");
    private long children;

    @BeforeEach
    void makeJar() throws IOException {
        jar = FakeProgram.jar(folder.resolve("fake.jar"));
        children = ProcessHandle.current().descendants().count();
    }

    @AfterEach
    void noProcessIsLeft() {
        assertThat(ProcessHandle.current().descendants().count()).isEqualTo(children);
    }

    private static ChildJava java(String... options) {
        return new ChildJava(ChildJava.defaults().java(), List.of(options), Duration.ofSeconds(60));
    }

    /** Every second hypothesis is its reference. */
    private static List<CaptionItem> items(int count) {
        var items = new ArrayList<CaptionItem>();
        for (int i = 0; i < count; i++) {
            var text = "a dog sees caf\u00e9 " + i;
            items.add(new CaptionItem("id" + i, i % 2 == 0 ? text : "", List.of(text, "nothing")));
        }
        return items;
    }

    private static CaptionScores meteor(Path jar, ChildJava java, List<CaptionItem> items) {
        return new MeteorJar(jar, java).addTo(CaptionMetrics.score(items), items);
    }

    private static CaptionScores spice(Path jar, ChildJava java, List<CaptionItem> items) {
        return new SpiceJar(jar, List.of(), java).addTo(CaptionMetrics.score(items), items);
    }

    private static double[] scores(CaptionScores scores, String metric) {
        return Objects.requireNonNull(scores.items().get(metric));
    }

    @Test
    void fiveThousandItemsGoThroughOneProcess() {
        var scores = scores(meteor(jar, java(), items(5000)), "METEOR");
        for (int i = 0; i < scores.length; i++) {
            assertThat(scores[i]).as("item %d", i).isCloseTo(i % 2 == 0 ? 1 : 0, within(1e-12));
        }
    }

    @Test
    void aProgramThatDiesIsReportedWithItsLastWords() {
        assertThatThrownBy(() -> meteor(jar, java("-Dfake=die"), items(10)))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContainingAll("METEOR ended with status 7", "answer 4 of 10, item id3", "out of luck");
        assertThatThrownBy(() -> spice(jar, java("-Dfake=die"), items(10)))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContainingAll("SPICE ended with status 1", "no parser");
    }

    @Test
    void aProgramThatSaysNothingIsGivenUp() {
        var impatient = java("-Dfake=hang").withTimeout(Duration.ofMillis(1500));
        assertThatThrownBy(() -> meteor(jar, impatient, items(2))).hasMessageContaining("no answer within 1 s");
        assertThatThrownBy(() -> spice(jar, impatient, items(2))).hasMessageContaining("did not end within 1 s");
    }

    @Test
    void anotherAnswerThanNumbersIsShown() {
        assertThatThrownBy(() -> meteor(jar, java("-Dfake=babble"), items(2)))
                .hasMessageContainingAll("\"Error: what?\"", "item id0", "23 numbers");
    }

    @Test
    void aJavaOrJarThatIsNotThereIsNamed() {
        var absent = new ChildJava(folder.resolve("absent/java"), List.of(), Duration.ofSeconds(5));
        assertThatThrownBy(() -> meteor(jar, absent, items(2)))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContainingAll("METEOR cannot be started", "absent");
        assertThatThrownBy(() -> new MeteorJar(folder.resolve("m.jar"), java())).hasMessageContaining("m.jar");
        assertThatThrownBy(() -> new SpiceJar(folder.resolve("s.jar"), List.of(), java()))
                .hasMessageContaining("s.jar");
        assertThatThrownBy(() -> java().withTimeout(Duration.ZERO)).hasMessageContaining("timeout");
    }

    @Test
    void spicesScoresAreJoinedByItem() {
        var scores = spice(jar, java(), items(5));
        assertThat(scores(scores, "SPICE")).containsExactly(0, 0.1, 0.2, 0.3, 0.4);
        assertThat(scores.corpus().get("SPICE")).isCloseTo(0.2, within(1e-12));
    }

    @Test
    void anItemThatSpiceLeavesOutIsNoZero() {
        assertThatThrownBy(() -> spice(jar, java("-Dfake=lose"), items(5)))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContainingAll("no score to 1 items", "id1");
    }
}
