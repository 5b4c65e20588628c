package io.lavis4j.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDecoderTest {

    private static final Path FOLDER = Path.of("src/test/resources/images");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    cut_off.jpg            | cannot be decoded: it is cut off after 900 bytes; replace or remove the file
                    empty.jpg              | is empty; replace or remove the file
                    text.jpg               | is a text and not an image; fetch the image again or remove the file
                    claims_65000x65000.jpg | it claims 65000 x 65000 pixels, expected 1 to 178956970
                    no_such_file.jpg       | there is no such file; check the root of the images
                    """)
    void aBrokenFileIsNamedWithWhatIsWrong(String name, String message) {
        assertThatThrownBy(() -> ImageDecoder.read(FOLDER.resolve(name)))
                .isInstanceOf(BrokenImageException.class)
                .hasMessageStartingWith(FOLDER.resolve(name) + ": ")
                .hasMessageContaining(message);
    }

    @Test
    void aFolderIsNotAnImage() {
        assertThatThrownBy(() -> ImageDecoder.read(FOLDER))
                .isInstanceOf(BrokenImageException.class)
                .hasMessageContaining("cannot be read");
    }

    @ParameterizedTest
    @CsvSource({"png_named.jpg, 64, 48", "cmyk.jpg, 64, 48", "damaged_scan.jpg, 640, 272"})
    void whatPillowReadsIsRead(String name, int width, int height) {
        var image = ImageDecoder.read(FOLDER.resolve(name));
        assertThat(image.width()).isEqualTo(width);
        assertThat(image.height()).isEqualTo(height);
    }

    /** As in Pillow, a PNG file may lack what follows its last compressed pixel. */
    @ParameterizedTest
    @CsvSource({"cmyk.jpg, 0", "png_named.jpg, 22"})
    void aFileThatLacksPixelsIsBroken(String name, int behindThePixels) throws IOException {
        byte[] file = Files.readAllBytes(FOLDER.resolve(name));
        for (int length = 0; length < file.length - behindThePixels; length++) {
            byte[] part = Arrays.copyOf(file, length);
            assertThatThrownBy(() -> ImageDecoder.decode(part, "part"))
                    .as("%d of %d bytes", length, file.length)
                    .isInstanceOf(BrokenImageException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cmyk.jpg", "png_named.jpg", "damaged_scan.jpg"})
    void damagedBytesGiveAnImageOrABrokenImageException(String name) throws IOException {
        byte[] file = Files.readAllBytes(FOLDER.resolve(name));
        for (int seed = 0; seed < 150; seed++) {
            byte[] damaged = file.clone();
            var random = new Random(seed);
            for (int i = 0; i < 3; i++) {
                damaged[random.nextInt(Math.min(file.length, 700))] = (byte) random.nextInt(256);
            }
            try {
                assertThat(ImageDecoder.decode(damaged, "seed " + seed).width()).isPositive();
            } catch (BrokenImageException e) {
                assertThat(e).hasMessageStartingWith("seed " + seed);
            }
        }
    }

    @Test
    void aPngWithAWrongPaletteChecksumIsBroken() throws IOException {
        byte[] file = Files.readAllBytes(Path.of("src/test/resources/golden/g_image_processing/palette.png"));
        int palette = indexOf(file, "PLTE");
        file[palette + 10] ^= 1;
        assertThatThrownBy(() -> ImageDecoder.decode(file, "palette.png"))
                .isInstanceOf(BrokenImageException.class)
                .hasMessageContaining("its chunk PLTE at byte")
                .hasMessageContaining("wrong checksum");
    }

    private static int indexOf(byte[] file, String text) {
        return new String(file, StandardCharsets.ISO_8859_1).indexOf(text);
    }
}
