package io.lavis4j.image;

import io.lavis4j.processor.ImagePipelines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Reads JPEG, PNG, GIF, BMP and TIFF files as Pillow's {@code Image.open(file).convert("RGB")} does, bit for bit; the
 * decoders name the few differences.
 *
 * <p>A file's content decides what it is, not its name. Colour profiles and the orientation that a camera noted are
 * ignored, but that of TIFF, which is part of the format; transparency is dropped; of several frames or pages the first
 * counts. The JDK's decoders give raw samples of JPEG and PNG; the conversion to RGB is ours. A file is refused where
 * Pillow refuses it, but for what it says beside its pixels, which is not read, and what a JDK's JPEG decoder does with
 * damaged pixels. One that is far too short for the size that it claims is refused even where Pillow makes a black
 * image of it. WebP is refused: the JDK has no decoder for it, only {@link ImagePipelines#best() native code} has.
 */
public final class ImageDecoder {

    /** The largest image that is read, in pixels; Pillow's limit. */
    public static final long MAX_PIXELS = 2 * 89_478_485L;

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
        var format = ImageFormat.of(file);
        if (format == null) {
            var content = ForeignContent.of(file);
            throw new BrokenImageException("%s: %s; %s".formatted(name, content.description(), content.remedy()));
        }
        try {
            return decode(file, format);
        } catch (UnreadKindException e) {
            throw new BrokenImageException("%s: is %s; convert it to JPEG or PNG".formatted(name, e.getMessage()), e);
        } catch (IOException | RuntimeException e) {
            String reason = e.getMessage() == null ? e.toString() : e.getMessage();
            throw new BrokenImageException(
                    "%s: cannot be decoded: %s; replace or remove the file".formatted(name, reason), e);
        }
    }

    private static RgbImage decode(byte[] file, ImageFormat format) throws IOException {
        return switch (format) {
            case JPEG -> JpegDecoder.decode(file);
            case PNG -> PngDecoder.decode(file);
            case WEBP ->
                throw new UnreadKindException(
                        "a WebP image", "only the native image library reads, and here plain Java does");
            case GIF -> GifDecoder.decode(file);
            case BMP -> BmpDecoder.decode(file);
            case TIFF -> TiffDecoder.decode(file);
        };
    }

    /** Before anything is allocated for the pixels. */
    static void requireDecodable(long width, long height) throws IOException {
        if (width < 1 || height < 1 || width * height > MAX_PIXELS) {
            throw new IOException("it claims %d x %d pixels, expected 1 to %d".formatted(width, height, MAX_PIXELS));
        }
    }
}
