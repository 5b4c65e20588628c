package io.lavis4j.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** GIF, BMP and TIFF: what is refused. The pixels are compared with Pillow's in {@code ImageProcessorParityTest}. */
class OtherFormatsTest {

    private static final Path FOLDER = Path.of("src/test/resources/golden/g_image_processing@formats");

    private static byte[] file(String name) throws IOException {
        return Files.readAllBytes(FOLDER.resolve(name));
    }

    private static ByteBuffer little(byte[] file) {
        return ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The file with another value of a tag, which has one in its entry. */
    private static byte[] withTag(byte[] tiff, int tag, int value) {
        var file = little(tiff);
        int directory = file.getInt(4);
        for (int i = 0; i < file.getShort(directory); i++) {
            int entry = directory + 2 + 12 * i;
            if ((file.getShort(entry) & 0xffff) == tag) {
                file.putInt(entry + 8, value);
                return tiff;
            }
        }
        throw new AssertionError("no tag " + tag);
    }

    private static void assertRefused(byte[] file, String message) {
        assertThatThrownBy(() -> ImageDecoder.decode(file, "x.jpg"))
                .isInstanceOf(BrokenImageException.class)
                .hasMessageStartingWith("x.jpg: ")
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            tiff_rgb_1.tiff         | 259 | 34925 | is a TIFF image with compression 34925, which is not read; convert it
            tiff_rgb_1.tiff         | 259 | 6     | is a TIFF image with compression 6, which is not read; convert it
            tiff_rgb_1.tiff         | 262 | 8     | is a TIFF image in CIE L*a*b*, which is not read; convert it to JPEG
            tiff_rgb_1.tiff         | 262 | 32803 | is a TIFF image of photometric interpretation 32803
            tiff_rgb_1.tiff         | 262 | 6     | is a TIFF image with YCbCr with subsampling [] and compression 1
            tiff_rgb_5.tiff         | 262 | 6     | is a TIFF image with YCbCr with subsampling [] and compression 5
            tiff_rgb_1.tiff         | 262 | 1     | is a TIFF image with 3 samples a pixel, GREY and 0 more
            tiff_grey_1_8_1.tiff    | 258 | 7     | is a TIFF image with samples of 7 bits
            tiff_grey_extra_2.tiff  | 338 | 1     | is a TIFF image with an alpha channel that GREY is multiplied with
            tiff_rgb_1.tiff         | 278 | 5000  | it has 3 strips or tiles and 0 sizes of them, expected 1
            tiff_rgb_1.tiff         | 257 | 70000000 | it claims 19 x 70000000 pixels, expected 1 to 178956970
            """)
    void aTiffOfAnotherKindIsNamed(String name, int tag, int value, String message) throws IOException {
        assertRefused(withTag(file(name), tag, value), message);
    }

    @Test
    void aBmpOfAnotherKindIsNamed() throws IOException {
        byte[] embedded = file("bmp_rgb_24_40.bmp");
        little(embedded).putInt(30, 4);
        assertRefused(embedded, "is a BMP image of 24 bits a pixel in compression 4, which is not read; convert it");
        byte[] twoBits = file("bmp_palette_4.bmp");
        little(twoBits).putShort(28, (short) 2);
        assertRefused(twoBits, "is a BMP image of 2 bits a pixel in compression 0, which is not read");
        byte[] wide = file("bmp_rgb_565.bmp");
        little(wide).putInt(54, 0x5555);
        assertRefused(wide, "is a BMP image with the colour mask 00005555, which is not read");
        byte[] large = file("bmp_rgb_24_40.bmp");
        little(large).putInt(18, -1);
        assertRefused(large, "it claims 4294967295 x 11 pixels, expected 1 to 178956970");
    }

    @Test
    void aGifWithoutAFrameIsBroken() throws IOException {
        byte[] gif = file("gif_no_palette.gif");
        gif[13] = ';';
        assertRefused(gif, "cannot be decoded: it ends before its first frame; replace or remove the file");
    }

    /**
     * As in Pillow, the end marks of a GIF, the filling of a BMP's last row and the sizes of plain strips may be
     * missing.
     */
    @ParameterizedTest
    @CsvSource({
        "gif_plain.gif, 2",
        "gif_interlaced.gif, 2",
        "bmp_palette_4.bmp, 2",
        "bmp_rgb_24_no_last_filling.bmp, 0",
        "bmp_runs_8.bmp, 4",
        "tiff_rgb_1.tiff, 12",
        "tiff_rgb_5.tiff, 0",
        "tiff_rgb_8.tiff, 0",
        "tiff_rgb_32773.tiff, 0"
    })
    void aFileThatLacksPixelsIsBroken(String name, int afterThePixels) throws IOException {
        byte[] file = file(name);
        for (int length = 0; length < file.length - afterThePixels; length++) {
            byte[] part = Arrays.copyOf(file, length);
            assertThatThrownBy(() -> ImageDecoder.decode(part, "part"))
                    .as("%d of %d bytes", length, file.length)
                    .isInstanceOf(BrokenImageException.class);
        }
        assertThat(ImageDecoder.decode(file, name).width()).isEqualTo(19);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gif_part_interlaced.gif",
                "bmp_runs_4_jumps.bmp",
                "bmp_masks_32_5.bmp",
                "tiff_rgb_32773_planes_tiles.tiff",
                "tiff_predicted_16_3_5_tiles.tiff",
                "tiff_jpeg_ycbcr_2_tiles.tiff",
                "tiff_group4_0.tiff"
            })
    void damagedBytesGiveAnImageOrABrokenImageException(String name) throws IOException {
        byte[] file = file(name);
        for (int seed = 0; seed < 200; seed++) {
            byte[] damaged = file.clone();
            var random = new Random(seed);
            for (int i = 0; i < 3; i++) {
                damaged[random.nextInt(file.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                assertThat(ImageDecoder.decode(damaged, "seed " + seed).width()).isPositive();
            } catch (BrokenImageException e) {
                assertThat(e).hasMessageStartingWith("seed " + seed);
            }
        }
    }
}
