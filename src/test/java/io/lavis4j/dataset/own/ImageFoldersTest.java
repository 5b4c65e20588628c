package io.lavis4j.dataset.own;

import static io.lavis4j.dataset.own.OwnConfigs.captions;
import static io.lavis4j.dataset.own.OwnConfigs.ids;
import static io.lavis4j.dataset.own.OwnConfigs.read;
import static io.lavis4j.dataset.own.OwnConfigs.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.config.ConfigException;
import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.dataset.TestText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images with texts beside them; images are not opened, so that any file does for one. */
class ImageFoldersTest {

    @TempDir
    private Path root = Path.of("");

    private void pair(String base, String text) throws IOException {
        write(root, base + ".jpg", "");
        write(root, base + ".txt", text);
    }

    @Test
    void everyLineIsACaptionAndFoldersAreSearched() throws IOException {
        pair("b", "a dog\n\n  two dogs \r\n");
        pair("a/x/c", "\uFEFFa cat\n");
        write(root, "a/d.PNG", "");
        write(root, "a/d.TXT", "a bird");
        write(root, "a/notes.md", "no text");
        write(root, "jpg", "no ending");
        write(root, "a.b/txt", "no ending");
        write(root, ".cache/e.jpg", "");
        write(root, ".f.jpg", "");

        var config = read("image_folder", "", root);

        assertThat(config.splits()).containsExactly("train");
        var train = config.build("train", true);
        assertThat(captions(train))
                .containsExactly("a/d.PNG: a bird", "a/x/c.jpg: a cat", "b.jpg: a dog", "b.jpg: two dogs");
        assertThat(train.sample(1, TestText.AS_IT_IS).image()).isEqualTo(root.resolve("a/x/c.jpg"));
        assertThat(train.sample(2, TestText.AS_IT_IS).texts().imageId())
                .isEqualTo(train.sample(3, TestText.AS_IT_IS).texts().imageId())
                .isNotEqualTo(train.sample(1, TestText.AS_IT_IS).texts().imageId());
        assertThat(train.sharesIds()).as("two captions are of b.jpg").isTrue();
        var evaluated = config.build("train", false);
        assertThat(ids(evaluated)).containsExactly("a/d.PNG", "a/x/c.jpg", "b.jpg");
        assertThat(evaluated.references().get("b.jpg")).containsExactly("a dog", "two dogs");
        assertThat(evaluated.sample(2, TestText.AS_IT_IS).texts().references()).containsExactly("a dog", "two dogs");
    }

    @Test
    void linksThatLeadInACircleAreNamed() throws IOException {
        pair("a/b", "a dog");
        Files.createSymbolicLink(root.resolve("a/back"), root);
        var config = read("image_folder", "", root);
        assertThatThrownBy(() -> config.build("train", true))
                .isInstanceOf(AnnotationException.class)
                .hasMessage("%s cannot be listed: links lead in a circle at %s; remove one of them"
                        .formatted(root.toAbsolutePath(), root.resolve("a/back")));
    }

    @Test
    void splitsAreFolders() throws IOException {
        pair("learn/a", "a dog");
        pair("judge/b", "a cat");
        String yaml = """
                build_info: {images: {train: {storage: learn}, val: {storage: judge}}}
                """;
        var config = read("image_folder", yaml, root);
        assertThat(config.splits()).containsExactly("train", "val");
        assertThat(config.files().imageRoots()).containsExactly(root.resolve("learn"), root.resolve("judge"));
        assertThat(captions(config.build("train", true))).containsExactly("a.jpg: a dog");
        assertThat(captions(config.build("val", false))).containsExactly("b.jpg: a cat");
        assertThatThrownBy(() -> read("image_folder", yaml + "val_fraction: 0.5", root))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("val_fraction must be 0 where there are other splits than train");
        assertThatThrownBy(() -> read("image_folder", "build_info: {images: {storage: a, val: {storage: b}}}", root))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("build_info.images.storage is there beside [val]");
    }

    @Test
    void whatIsHeldOutStaysSoWhenImagesAreAdded() throws IOException {
        for (int i = 0; i < 60; i++) {
            pair("i" + i, "first of " + i + "\nsecond of " + i);
        }
        var config = read("image_folder", "val_fraction: 0.3", root);
        assertThat(config.splits()).isEqualTo(Set.of("train", "val"));
        var train = config.build("train", true);
        var before = ids(config.build("val", false));
        assertThat(before).hasSizeBetween(8, 30);
        assertThat(train.size()).isEqualTo(2 * (60 - before.size()));
        assertThat(ids(train)).doesNotContainAnyElementsOf(before);
        for (int i = 60; i < 120; i++) {
            pair("i" + i, "it");
        }
        var after = new ArrayList<>(ids(config.build("val", false)));
        assertThat(after).hasSizeGreaterThan(before.size());
        after.retainAll(ids(train));
        assertThat(after).as("held out now and learned before").isEmpty();
        assertThat(ids(config.build("val", false))).containsAll(before);
    }

    @Test
    void aShareOfNoImagesSaysSo() throws IOException {
        pair("a", "a dog");
        var config = read("image_folder", "val_fraction: 1e-9", root);
        assertThatThrownBy(() -> config.build("val", false))
                .isInstanceOf(AnnotationException.class)
                .hasMessageContaining(
                        "data set image_folder, split val: val_fraction 1.0E-9 leaves it none of 1 images");
        assertThatThrownBy(() -> read("image_folder", "val_fraction: 1", root))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("val_fraction must be from 0 to below 1, got 1");
    }

    @Test
    void anImageWithoutATextIsLeftOutOfTrainingAndRefusedInEvaluation() throws IOException {
        pair("a", "a dog");
        pair("b", " \n");
        write(root, "c.jpg", "");
        pair("d", "");
        Files.write(root.resolve("d.txt"), "caf\u00e9".getBytes(StandardCharsets.ISO_8859_1));
        var config = read("image_folder", "", root);
        var train = config.build("train", true);
        assertThat(captions(train)).containsExactly("a.jpg: a dog");
        assertThat(train.leftOut())
                .hasSize(3)
                .contains("b.jpg: it has an empty text, expected captions in b.txt")
                .contains("c.jpg: it has no text beside it, expected c.txt")
                .anySatisfy(line ->
                        assertThat(line).startsWith("d.jpg: it has the text ").contains("d.txt"));
        assertThatThrownBy(() -> config.build("train", false))
                .isInstanceOf(AnnotationException.class)
                .hasMessageContaining(root + ": 3 of 4 images have no text that can be used:")
                .hasMessageContaining("c.jpg: it has no text beside it, expected c.txt")
                .hasMessageContaining("Write these texts, or take the images out");
    }

    @Test
    void foldersWithoutImagesOrTextsNameWhatIsThere() throws IOException {
        var config = read("image_folder", "", root);
        assertThatThrownBy(() -> config.build("train", true))
                .isInstanceOf(AnnotationException.class)
                .hasMessageContaining(root + " has no image; expected files that end in one of [bmp, gif, ");
        write(root, "a.pdf", "");
        assertThatThrownBy(() -> config.build("train", true)).hasMessageContaining("; there are a.pdf");
        for (String name : List.of("x.jpg", "y/z.png", "w.gif")) {
            write(root, name, "");
        }
        assertThatThrownBy(() -> config.build("train", true))
                .isInstanceOf(AnnotationException.class)
                .hasMessageContaining(root
                        + " has 3 images and no text: w.gif, x.jpg, y/z.png; expected a text beside each, as w.txt");
        var nowhere = read("image_folder", "build_info: {images: {storage: nowhere}}", root);
        assertThatThrownBy(() -> nowhere.build("train", true))
                .isInstanceOf(AnnotationException.class)
                .hasMessageContaining(
                        "data set image_folder, split train: the folder of images " + root.resolve("nowhere"));
    }
}
