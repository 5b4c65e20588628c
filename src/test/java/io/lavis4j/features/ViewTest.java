package io.lavis4j.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.image.Box;
import io.lavis4j.image.BrokenImageException;
import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import io.lavis4j.image.RgbImage;
import io.lavis4j.processor.ImageProcessor;
import io.lavis4j.processor.ImageProcessors;
import io.lavis4j.processor.SampleRandom;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ViewTest {

    private static final ImageProcessor WHOLE = ImageProcessors.blipImageEval(28);
    private static final ImageProcessor CROP = ImageProcessors.blip2ImageTrain(28);

    @TempDir
    Path folder = Path.of("");

    private Path file = Path.of("");

    @BeforeEach
    void write() throws IOException {
        file = Files.writeString(folder.resolve("1.jpg"), "an image");
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
    }

    private static Regions box(int left, RegionMode mode) {
        return new Regions(List.of(new Box(left, 0, 5, 5)), 20, 20, mode);
    }

    private View view(Regions regions, ImageProcessor processor) {
        return new View(file, 0, regions, processor);
    }

    private Fingerprint key() {
        return view(Regions.NONE, WHOLE).key(42, 0);
    }

    @Test
    void theSameImageHasTheSameKey() {
        assertThat(key()).isEqualTo(key());
        assertThat(new View(folder.resolve("./1.jpg"), 0, Regions.NONE, WHOLE).key(42, 0))
                .isEqualTo(key());
    }

    @Test
    void anotherContentHasAnotherKeyByItsSizeOrTime() throws IOException {
        var before = key();
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_001));
        assertThat(key()).isNotEqualTo(before);
        Files.writeString(file, "another image");
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
        assertThat(key()).isNotEqualTo(before);
    }

    @Test
    void regionsCountAsFarAsTheyAreDrawn() {
        var highlighted = view(box(1, RegionMode.HIGHLIGHT), WHOLE).key(42, 0);
        assertThat(highlighted).isNotEqualTo(key());
        assertThat(view(box(2, RegionMode.HIGHLIGHT), WHOLE).key(42, 0)).isNotEqualTo(highlighted);
        assertThat(view(box(1, RegionMode.HIDE), WHOLE).key(42, 0)).isNotEqualTo(highlighted);
        assertThat(view(box(1, RegionMode.NONE), WHOLE).key(42, 0)).isEqualTo(key());
        assertThat(view(box(1, RegionMode.NONE), WHOLE).imageHash())
                .isEqualTo(view(Regions.NONE, WHOLE).imageHash());
    }

    @Test
    void placeInAShardAndProcessorCount() {
        assertThat(new View(file, 512, Regions.NONE, WHOLE).key(42, 0)).isNotEqualTo(key());
        assertThat(view(Regions.NONE, ImageProcessors.blipImageEval(56)).key(42, 0))
                .isNotEqualTo(key());
    }

    @Test
    void seedAndViewCountWhereTheProcessorDraws() {
        assertThat(view(Regions.NONE, WHOLE).key(43, 1)).isEqualTo(key());
        var first = view(Regions.NONE, CROP).key(42, 0);
        assertThat(view(Regions.NONE, CROP).key(42, 1)).isNotEqualTo(first);
        assertThat(view(Regions.NONE, CROP).key(43, 0)).isNotEqualTo(first);
    }

    @Test
    void drawsDoNotDependOnWhereTheImagesLie() {
        double here = view(Regions.NONE, CROP).draws(42, 1).uniform(0, 1);
        assertThat(new View(Path.of("/elsewhere/1.jpg"), 0, Regions.NONE, CROP)
                        .draws(42, 1)
                        .uniform(0, 1))
                .isEqualTo(here);
        assertThat(view(Regions.NONE, CROP).draws(42, 0).uniform(0, 1)).isNotEqualTo(here);
    }

    @Test
    void anImageThatIsNotThereIsBroken() throws IOException {
        Files.delete(file);
        assertThatThrownBy(this::key)
                .isInstanceOf(BrokenImageException.class)
                .hasMessageContaining(file + ": cannot be read");
    }

    @Test
    void aProcessorThatSaysNothingOfItselfIsRefused() {
        var silent = new ImageProcessor() {
            @Override
            public int imageSize() {
                return 28;
            }

            @Override
            public void process(RgbImage image, SampleRandom random, FloatBuffer out) {}
        };
        assertThat(silent.isRandom()).isTrue();
        assertThatThrownBy(() -> view(Regions.NONE, silent).key(42, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(silent.getClass().getName(), "ImageProcessor.identity");
    }
}
