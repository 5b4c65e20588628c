package io.lavis4j.processor;

import io.lavis4j.image.BrokenImageException;
import io.lavis4j.image.ImageDecoder;
import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import io.lavis4j.image.RgbImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** Width and height of an image, pixels. */
public record ImageSize(int width, int height) {

    /** Headers end before this but for JPEG files with much in front of them, bytes. */
    private static final int BEGINNING = 1 << 16;

    /**
     * The size that a file's header claims, of which little more is read. Without the native library, and of GIF, BMP
     * and TIFF, the whole image is decoded.
     *
     * @throws BrokenImageException if the file is missing or not an image
     */
    public static ImageSize of(Path file) {
        if (ImagePipelines.isNative()) {
            try (var channel = FileChannel.open(file)) {
                long whole = Math.min(channel.size(), Integer.MAX_VALUE);
                for (long part = BEGINNING; ; part *= 16) {
                    var image = new NativeImage(file.toString(), read(channel, (int) Math.min(part, whole)));
                    if (!image.isKnown()) {
                        break;
                    }
                    try {
                        return of(image.size());
                    } catch (BrokenImageException e) {
                        if (part >= whole) {
                            throw e;
                        }
                    }
                }
            } catch (IOException e) {
                return of(ImageDecoder.read(file)); // says what is wrong with it
            }
        }
        return of(ImageDecoder.read(file));
    }

    /** The same of a file's content. */
    public static ImageSize of(byte[] content, String name) {
        if (ImagePipelines.isNative()) {
            var memory = ByteBuffer.allocateDirect(content.length).put(content).flip();
            var image = new NativeImage(name, memory);
            if (image.isKnown()) {
                return of(image.size());
            }
        }
        return of(ImageDecoder.decode(content, name));
    }

    /**
     * Refuses regions in the image's own pixels of which nothing would be seen; those that reach beyond an edge are cut
     * off there.
     *
     * @param name of the image
     * @throws BrokenImageException if one lies outside of the image
     */
    public void requireSight(Regions regions, String name) {
        boolean own = regions.declaredWidth() <= 0 || regions.declaredHeight() <= 0;
        for (var box : regions.boxes()) {
            if (own && regions.mode() != RegionMode.NONE && box.isOutside(width, height)) {
                throw new BrokenImageException(
                        "%s: the box %d,%d,%d,%d (left, top, width, height) lies outside of the image, which has %d x %d pixels; expected one that reaches into it"
                                .formatted(name, box.left(), box.top(), box.width(), box.height(), width, height));
            }
        }
    }

    private static ByteBuffer read(FileChannel channel, int count) throws IOException {
        var buffer = ByteBuffer.allocateDirect(count);
        while (buffer.hasRemaining() && channel.read(buffer, buffer.position()) >= 0) {
            // until it is full or the file has become shorter
        }
        return buffer.flip();
    }

    private static ImageSize of(int[] size) {
        return new ImageSize(size[0], size[1]);
    }

    private static ImageSize of(RgbImage image) {
        return new ImageSize(image.width(), image.height());
    }
}
