package io.lavis4j.dataset;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnnotationFileTest {

    @TempDir
    private Path root;

    @Test
    void aPublishedFileThatIsNotThereNamesTheCommandThatFetchesIt() {
        var file = new AnnotationFile(null, root.resolve("sherlock_dataset/sherlock_train_v1_1.json"), null);
        assertThatThrownBy(() -> file.locate("sherlock_caption, train"))
                .hasMessageContaining("sherlock_train_v1_1.json is not there. Put it there, or set data_root")
                .hasMessageEndingWith(" To fetch it: download sherlock --root " + root);
    }

    @Test
    void aFileOfNoCatalogNamesNone() {
        var file = new AnnotationFile("https://example.org/mine.json", root.resolve("mine.json"), null);
        assertThatThrownBy(() -> file.locate("mine, train"))
                .hasMessageContaining("It is published as https://example.org/mine.json: put it there")
                .hasMessageEndingWith("below which it lies.");
    }
}
