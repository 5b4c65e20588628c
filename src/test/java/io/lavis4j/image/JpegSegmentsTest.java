package io.lavis4j.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Damaged and odd JPEG files: what Pillow 13.0.0 makes of them, found with {@code src/test/python/fuzz_images.py}.
 * Native twins are in {@code native/test/jpeg_test.cpp}.
 */
class JpegSegmentsTest {

    private static byte[] jpeg() throws IOException {
        var image = new BufferedImage(19, 13, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 19 * 13; i++) {
            image.setRGB(i % 19, i / 19, i * 0x030507);
        }
        var file = new ByteArrayOutputStream();
        ImageIO.write(image, "jpeg", file);
        return file.toByteArray();
    }

    /** With bytes after the first two. */
    private static byte[] with(byte[] file, byte... segment) {
        return ByteBuffer.allocate(file.length + segment.length)
                .put(file, 0, 2)
                .put(segment)
                .put(file, 2, file.length - 2)
                .array();
    }

    private static byte[] segment(int marker, int length, String content) {
        byte[] bytes = content.getBytes(StandardCharsets.ISO_8859_1);
        return ByteBuffer.allocate(4 + bytes.length)
                .put((byte) 0xff)
                .put((byte) marker)
                .putShort((short) length)
                .put(bytes)
                .array();
    }

    private static int frame(byte[] file) {
        int at = 2;
        while ((file[at + 1] & 0xff) != 0xc0) {
            at += 2 + ((file[at + 2] & 0xff) << 8 | (file[at + 3] & 0xff));
        }
        return at;
    }

    private static void assertRefused(byte[] file, String reason) {
        assertThatThrownBy(() -> ImageDecoder.decode(file, "file"))
                .isInstanceOf(BrokenImageException.class)
                .hasMessageContaining(reason);
    }

    private static void assertRead(byte[] file, byte[] original) {
        assertThat(ImageDecoder.decode(file, "file").pixels())
                .isEqualTo(ImageDecoder.decode(original, "original").pixels());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void anApplicationsSegmentMayBeShorterThanItsLength(int length) throws IOException {
        assertRead(with(jpeg(), segment(0xe5, length, "")), jpeg());
        assertRead(with(jpeg(), segment(0xfe, length, "rest")), jpeg());
    }

    @ParameterizedTest
    @CsvSource({"224, JFIF", "238, 'Adobe\0'", "237, 'Photoshop 3.0\0008BIM\0\0'", "219, '\0table'"})
    void aSegmentThatIsTooShortForWhatItBeginsIsRefused(int marker, String content) throws IOException {
        byte[] segment = segment(marker, content.length() + 2, content);
        assertRefused(with(jpeg(), segment), "its segment %02x at byte 2 is too short".formatted(marker));
    }

    @ParameterizedTest
    @ValueSource(ints = {0x01, 0x8f, 0xc8, 0xd8, 0xd9, 0xde, 0xf0})
    void aMarkerThatDoesNotBelongBeforePixelsIsRefused(int marker) throws IOException {
        assertRefused(with(jpeg(), (byte) 0xff, (byte) marker), "its segment %02x at byte 2".formatted(marker));
    }

    @Test
    void garbageAndRestartsBetweenSegmentsArePassedOver() throws IOException {
        byte[] garbage = {(byte) 0xff, (byte) 0xff, (byte) 0xd3, 7, (byte) 0xff, 0, 9};
        assertRead(with(jpeg(), garbage), jpeg());
        assertRefused(with(jpeg(), (byte) 9), "no segment follows its first two bytes");
    }

    @Test
    void otherSamplesAndComponentsAreRefused() throws IOException {
        byte[] file = jpeg();
        int frame = frame(file);
        file[frame + 4] = 12;
        assertRefused(file, "its samples have 12 bits, expected 8");
        file[frame + 4] = 8;
        file[frame + 9] = 2;
        assertRefused(file, "its pixels have 2 components, expected 1, 3 or 4");
    }

    @ParameterizedTest
    @ValueSource(ints = {0xc3, 0xc9, 0xca})
    void aCodingThatJdksDoNotReadAlikeIsRefused(int marker) throws IOException {
        byte[] file = jpeg();
        file[frame(file) + 1] = (byte) marker;
        assertRefused(file, "it is coded as SOF %02x".formatted(marker));
    }

    @Test
    void thePixelsOfASingleScanEndAtAnyMarker() throws IOException {
        byte[] file = jpeg();
        int end = file.length - 2;
        for (int marker : new int[] {0xd1, 0xdb, 0xe0, 0xfe}) {
            byte[] other = file.clone();
            other[end + 1] = (byte) marker;
            assertRead(other, file);
        }
        assertRefused(Arrays.copyOf(file, end), "it is cut off");
        assertRefused(Arrays.copyOf(file, end + 1), "it is cut off");
        for (int marker : new int[] {0xc0, 0xd8, 0x05}) {
            byte[] other = file.clone();
            other[end + 1] = (byte) marker;
            assertThatThrownBy(() -> ImageDecoder.decode(other, "file")).isInstanceOf(BrokenImageException.class);
        }
    }

    @Test
    void tablesOfHuffmanThatAreAbsentAreTheUsualOnes() throws IOException {
        byte[] file = jpeg();
        var without = new ByteArrayOutputStream();
        without.write(file, 0, 2);
        int at = 2;
        while ((file[at + 1] & 0xff) != 0xda) {
            int end = at + 2 + ((file[at + 2] & 0xff) << 8 | (file[at + 3] & 0xff));
            if ((file[at + 1] & 0xff) != 0xc4) {
                without.write(file, at, end - at);
            }
            at = end;
        }
        without.write(file, at, file.length - at);
        assertRead(without.toByteArray(), file);
    }
}
