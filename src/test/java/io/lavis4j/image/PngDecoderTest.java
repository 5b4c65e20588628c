package io.lavis4j.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Damaged and odd PNG files: what Pillow 13.0.0 makes of them, found with {@code src/test/python/fuzz_images.py}.
 * Native twins are in {@code native/test/png_test.cpp}.
 */
class PngDecoderTest {

    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final byte[] NONE = {};

    /** Two rows of two pixels. */
    private static final byte[] RGB_ROWS = {0, 1, 2, 3, 4, 5, 6, 2, 10, 10, 10, 10, 10, 10};

    private static final byte[] RGB_PIXELS = {1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16};

    /** One row of four pixels. */
    private static final byte[] LEVELS = {0, 0, 1, 2, 3};

    private static byte[] header(int width, int height, int depth, int colourType, int interlace) {
        return chunk(
                "IHDR",
                ByteBuffer.allocate(13)
                        .putInt(width)
                        .putInt(height)
                        .put(new byte[] {(byte) depth, (byte) colourType, 0, 0, (byte) interlace})
                        .array());
    }

    private static byte[] chunk(String name, byte... content) {
        var crc = new CRC32();
        byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
        crc.update(bytes);
        crc.update(content);
        return ByteBuffer.allocate(12 + content.length)
                .putInt(content.length)
                .put(bytes)
                .put(content)
                .putInt((int) crc.getValue())
                .array();
    }

    private static byte[] deflated(byte... rows) {
        var deflater = new Deflater();
        deflater.setInput(rows);
        deflater.finish();
        byte[] bytes = new byte[rows.length + 100];
        int size = deflater.deflate(bytes);
        deflater.end();
        return Arrays.copyOf(bytes, size);
    }

    private static byte[] png(byte[]... chunks) {
        var file = new ByteArrayOutputStream();
        file.writeBytes(SIGNATURE);
        List.of(chunks).forEach(file::writeBytes);
        return file.toByteArray();
    }

    private static byte[] rgb(byte[] stream) {
        return png(header(2, 2, 8, 2, 0), chunk("IDAT", stream), chunk("IEND"));
    }

    private static byte[] withDamage(byte[] bytes, int at) {
        byte[] damaged = bytes.clone();
        damaged[at] ^= 1;
        return damaged;
    }

    private static byte[] pixels(byte[] file) {
        return ImageDecoder.decode(file, "file").pixels();
    }

    private static void assertRefused(byte[] file, String reason) {
        assertThatThrownBy(() -> ImageDecoder.decode(file, "file"))
                .isInstanceOf(BrokenImageException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void pixelsThatFailTheirChecksumAreRefusedEvenWithoutAnEnd() {
        byte[] stream = deflated(RGB_ROWS);
        assertThat(pixels(rgb(stream))).isEqualTo(RGB_PIXELS);
        byte[] damaged = withDamage(stream, stream.length - 1);
        assertRefused(rgb(damaged), "its compressed pixels are damaged: incorrect data check");
        assertRefused(png(header(2, 2, 8, 2, 0), chunk("IDAT", damaged)), "incorrect data check");
    }

    @Test
    void aByteThatIsLostOrTooManyAfterTheRowsIsRefused() {
        byte[] stream = deflated(RGB_ROWS);
        byte[] more = Arrays.copyOf(stream, stream.length + 1);
        System.arraycopy(stream, stream.length - 4, more, stream.length - 3, 4);
        assertRefused(rgb(more), "damaged");
        byte[] less = Arrays.copyOf(stream, stream.length - 1);
        System.arraycopy(stream, stream.length - 3, less, less.length - 3, 3);
        byte[] lost = Arrays.copyOf(less, less.length + 1);
        assertRefused(rgb(lost), "damaged");
    }

    @Test
    void theChecksumOfAStreamCountsIfItComesWithTheLastRow() {
        byte[] stream = withDamage(deflated(RGB_ROWS), deflated(RGB_ROWS).length - 1);
        int cut = stream.length - 4;
        byte[] file = png(
                header(2, 2, 8, 2, 0),
                chunk("IDAT", Arrays.copyOf(stream, cut)),
                chunk("IDAT", Arrays.copyOfRange(stream, cut, stream.length)));
        assertThat(pixels(file)).isEqualTo(RGB_PIXELS);
    }

    @Test
    void whatFollowsThePixelsMayEndBetweenTwoChunksOnly() {
        byte[] file = png(
                header(2, 2, 8, 2, 0), chunk("IDAT", deflated(RGB_ROWS)), chunk("tIME", new byte[7]), chunk("IEND"));
        int time = file.length - 12 - 19;
        for (int length = time; length < file.length; length++) {
            byte[] part = Arrays.copyOf(file, length);
            if (length >= time + 8 && length < time + 15) {
                assertRefused(part, "it is cut off after " + length + " bytes");
            } else {
                assertThat(pixels(part)).as("%d", length).isEqualTo(RGB_PIXELS);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 5, 6, 7})
    void anIndexBeyondThePaletteIsBlack(int size) {
        byte[] palette = Arrays.copyOf(new byte[] {10, 20, 30, 40, 50, 60, 70}, size);
        byte[] file = png(header(4, 1, 8, 3, 0), chunk("PLTE", palette), chunk("IDAT", deflated(LEVELS)));
        byte[] expected = Arrays.copyOf(Arrays.copyOf(palette, size / 3 * 3), 12);
        assertThat(pixels(file)).isEqualTo(expected);
    }

    @Test
    void aPaletteMayBeAbsentButNotTooLarge() {
        byte[] pixels = chunk("IDAT", deflated(LEVELS));
        assertThat(pixels(png(header(4, 1, 8, 3, 0), pixels))).isEqualTo(new byte[12]);
        assertThat(pixels(png(header(4, 1, 8, 3, 0), chunk("PLTE", new byte[770]), pixels)))
                .isEqualTo(new byte[12]);
        assertRefused(
                png(header(4, 1, 8, 3, 0), chunk("PLTE", new byte[771]), pixels),
                "its palette has 257 entries, expected at most 256");
    }

    @Test
    void chunksThatNobodyKnowsArePassedOverIfTheirChecksumsAreRight() {
        byte[] pixels = chunk("IDAT", deflated(RGB_ROWS));
        byte[] unknown = chunk("CRIT", (byte) 1, (byte) 2);
        byte[] wrong = withDamage(unknown, 8);
        assertThat(pixels(png(header(2, 2, 8, 2, 0), unknown, pixels, unknown, wrong)))
                .isEqualTo(RGB_PIXELS);
        assertRefused(png(header(2, 2, 8, 2, 0), wrong, pixels), "its chunk CRIT at byte 33 has a wrong checksum");
        assertRefused(png(header(2, 2, 8, 2, 0), chunk("a.c2"), pixels), "there is no chunk at its byte 33");
    }

    @ParameterizedTest
    @CsvSource({"gAMA, 4", "cHRM, 32", "sRGB, 1", "pHYs, 9", "tRNS, 6", "acTL, 8", "fcTL, 26"})
    void aKnownChunkThatIsTooShortIsRefused(String name, int least) {
        byte[] pixels = chunk("IDAT", deflated(RGB_ROWS));
        byte[] little = chunk(name, new byte[least - 1]);
        String reason = "%s at byte %d has %d bytes, expected at least %d";
        assertRefused(png(header(2, 2, 8, 2, 0), little, pixels), reason.formatted(name, 33, least - 1, least));
        assertRefused(
                png(header(2, 2, 8, 2, 0), pixels, little),
                reason.formatted(name, 33 + pixels.length, least - 1, least));
    }

    @Test
    void aStreamThatEndsAfterARowLeavesTheOthersZero() {
        byte[] row = Arrays.copyOf(RGB_ROWS, 7);
        assertThat(pixels(rgb(deflated(row)))).isEqualTo(Arrays.copyOf(Arrays.copyOf(RGB_PIXELS, 6), 12));
        assertRefused(rgb(deflated(Arrays.copyOf(RGB_ROWS, 10))), "IEND at byte");
        assertRefused(rgb(deflated(NONE)), "IEND at byte");

        byte[] palette = chunk("PLTE", new byte[] {7, 8, 9});
        byte[] file = png(header(4, 2, 8, 3, 0), palette, chunk("IDAT", deflated(LEVELS)));
        assertThat(pixels(file))
                .isEqualTo(new byte[] {7, 8, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 8, 9, 7, 8, 9, 7, 8, 9, 7, 8, 9});
    }

    @Test
    void anUnknownFilterIsRefused() {
        byte[] rows = RGB_ROWS.clone();
        rows[7] = 5;
        assertRefused(rgb(deflated(rows)), "the unknown filter 5, expected 0 to 4");
    }

    @Test
    void theLastHeaderCounts() {
        byte[] file = png(header(9, 9, 1, 0, 0), header(2, 2, 8, 2, 0), chunk("IDAT", deflated(RGB_ROWS)));
        assertThat(pixels(file)).isEqualTo(RGB_PIXELS);
        assertRefused(png(chunk("IEND")), "comes before the pixels");
        assertRefused(png(chunk("IDAT", deflated(RGB_ROWS)), chunk("IEND")), "IEND at byte");
    }

    @Test
    void theFirstFrameOfAnAnimationLiesOnZero() {
        byte[] frame = ByteBuffer.allocate(26)
                .putInt(0)
                .putInt(2)
                .putInt(1)
                .putInt(1)
                .putInt(1)
                .array();
        byte[] row = Arrays.copyOf(RGB_ROWS, 7);
        byte[] file = png(header(3, 2, 8, 2, 0), chunk("fcTL", frame), chunk("IDAT", deflated(row)));
        byte[] expected = new byte[18];
        System.arraycopy(RGB_PIXELS, 0, expected, 12, 6);
        assertThat(pixels(file)).isEqualTo(expected);
        assertRefused(
                png(header(2, 2, 8, 2, 0), chunk("fcTL", frame), chunk("IDAT", deflated(row))),
                "its frame of 2 x 1 pixels at (1, 1) is outside of its 2 x 2 pixels");
    }
}
