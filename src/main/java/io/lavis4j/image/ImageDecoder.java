package io.lavis4j.image;

import io.lavis4j.processor.ImagePipelines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Reads JPEG and PNG files as Pillow's {@code Image.open(file).convert("RGB")} does, bit for bit.
 *
 * <p>A file's content decides what it is, not its name. Colour profiles and the orientation that a camera noted are
 * ignored, transparency is dropped. Of a JPEG the JDK's decoder gives raw samples; the conversion to RGB is ours. A
 * file is refused where Pillow refuses it, but for what it says beside its pixels, which is not read, and what a JDK's
 * JPEG decoder does with damaged pixels. One that is far too short for the size that it claims is refused even where
 * Pillow makes a black image of it. WebP is refused: the JDK has no decoder for it, only {@link ImagePipelines#best()
 * native code} has.
 */
public final class ImageDecoder {

    /** The largest image that is read, in pixels; Pillow's limit. */
    public static final long MAX_PIXELS = 2 * 89_478_485L;

    private static final byte[] JPEG_SIGNATURE = {(byte) 0xff, (byte) 0xd8};
    private static final byte[] PNG_SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

    private static final byte[] RIFF = {'R', 'I', 'F', 'F'};
    private static final byte[] WEBP = {'W', 'E', 'B', 'P'};

    private ImageDecoder() {}

    /**
     * Reads a file.
     *
     * @throws BrokenImageException if it is missing, cut off, no image or too large
     */
    public static RgbImage read(Path file) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new BrokenImageException(file + ": there is no such file; check the root of the images", e);
        } catch (IOException e) {
            throw new BrokenImageException("%s: cannot be read (%s); check the file".formatted(file, e), e);
        }
        return decode(bytes, file.toString());
    }

    /**
     * Decodes a file's content.
     *
     * @param name of the file, for messages
     * @throws BrokenImageException if it is cut off, no image or too large
     */
    public static RgbImage decode(byte[] file, String name) {
        try {
            if (startsWith(file, JPEG_SIGNATURE)) {
                return JpegDecoder.decode(file);
            }
            if (startsWith(file, PNG_SIGNATURE)) {
                return PngDecoder.decode(file);
            }
        } catch (IOException | RuntimeException e) {
            String reason = e.getMessage() == null ? e.toString() : e.getMessage();
            throw new BrokenImageException(
                    "%s: cannot be decoded: %s; replace or remove the file".formatted(name, reason), e);
        }
        if (startsWith(file, RIFF) && file.length >= 12 && Arrays.equals(file, 8, 12, WEBP, 0, WEBP.length)) {
            throw new BrokenImageException(
                    "%s: is a WebP image, which only the native image library reads, and here plain Java does; convert the file to JPEG or PNG"
                            .formatted(name));
        }
        if (file.length == 0) {
            throw new BrokenImageException(name + ": is empty; replace or remove the file");
        }
        String beginning = HexFormat.of().formatHex(file, 0, Math.min(file.length, 4));
        throw new BrokenImageException(
                "%s: is neither JPEG, PNG nor WebP, it begins with the bytes %s; convert or remove the file"
                        .formatted(name, beginning));
    }

    /** Before anything is allocated for the pixels. */
    static void requireDecodable(long width, long height) throws IOException {
        if (width < 1 || height < 1 || width * height > MAX_PIXELS) {
            throw new IOException("it claims %d x %d pixels, expected 1 to %d".formatted(width, height, MAX_PIXELS));
        }
    }

    private static boolean startsWith(byte[] file, byte[] signature) {
        return file.length >= signature.length
                && Arrays.equals(file, 0, signature.length, signature, 0, signature.length);
    }
}
