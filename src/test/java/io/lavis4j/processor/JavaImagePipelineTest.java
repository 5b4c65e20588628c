package io.lavis4j.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.image.Box;
import io.lavis4j.image.BrokenImageException;
import io.lavis4j.image.ImageDecoder;
import io.lavis4j.image.RegionHighlight;
import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Tensors;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;

class JavaImagePipelineTest {

    private static final Path FOLDER = Path.of("src/test/resources/images");
    private static final Path FILE = FOLDER.resolve("png_named.jpg");

    @Test
    void anImageLandsAtItsPlaceInTheBatch() {
        var processor = ImageProcessors.blip2ImageTrain(20);
        var regions = new Regions(List.of(new Box(4, 4, 30, 20)), 128, 96, RegionMode.HIGHLIGHT);
        var batch = FloatBuffer.allocate(2 * 3 * 20 * 20);
        batch.position(3 * 20 * 20);

        new JavaImagePipeline().load(FILE, regions, processor, SeededSampleRandom.of(1, 2, 3), batch);

        var expected = FloatBuffer.allocate(3 * 20 * 20);
        processor.process(
                RegionHighlight.draw(ImageDecoder.read(FILE), regions), SeededSampleRandom.of(1, 2, 3), expected);
        assertThat(batch.hasRemaining()).isFalse();
        assertThat(batch.position(3 * 20 * 20)).isEqualTo(expected.position(0));
        assertThat(batch.get(0)).isZero();
    }

    @Test
    void aBrokenFileIsNamed() {
        var regions = new Regions(List.of(), 0, 0, RegionMode.NONE);
        assertThatThrownBy(() -> new JavaImagePipeline()
                        .load(
                                FOLDER.resolve("cut_off.jpg"),
                                regions,
                                ImageProcessors.blipImageEval(8),
                                new NoSampleRandom(),
                                FloatBuffer.allocate(192)))
                .isInstanceOf(BrokenImageException.class)
                .hasMessageContaining("cut_off.jpg");
    }

    @Test
    void filesBecomeABatchOfTheirPixels() {
        try (var scope = new PointerScope()) {
            var processor = ImageProcessors.blipImageEval(8);
            var one = ImageTensors.tensor(FILE, processor, Devices.cpu());
            var two = ImageTensors.tensor(List.of(FOLDER.resolve("cmyk.jpg"), FILE), processor, Devices.cpu());

            assertThat(Tensors.shape(one)).isEqualTo("(1, 3, 8, 8)");
            assertThat(Tensors.shape(two)).isEqualTo("(2, 3, 8, 8)");
            assertThat(Tensors.floats(two.get(1))).isEqualTo(Tensors.floats(one));
            assertThat(Tensors.floats(two.get(0))).isNotEqualTo(Tensors.floats(one));
        }
    }
}
