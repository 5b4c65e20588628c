package io.lavis4j.processor;

import io.lavis4j.image.BrokenImageException;
import io.lavis4j.image.ImageFormat;
import io.lavis4j.image.RgbImage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * An image file in native memory, read by native code.
 *
 * @param file for messages
 * @param content direct, from 0 to its limit
 */
record NativeImage(String file, ByteBuffer content) {

    private static final int BEGINNING = 32;

    /** Whether the format is one that native code decodes. */
    boolean isKnown() {
        byte[] beginning = new byte[Math.min(BEGINNING, content.limit())];
        content.get(0, beginning);
        var format = ImageFormat.of(beginning);
        return format == ImageFormat.JPEG || format == ImageFormat.PNG || format == ImageFormat.WEBP;
    }

    /** A copy of the content. */
    byte[] bytes() {
        byte[] bytes = new byte[content.limit()];
        content.get(0, bytes);
        return bytes;
    }

    /**
     * Reads the header.
     *
     * @return width and height, pixels
     * @throws BrokenImageException if the file is not an image or too large
     */
    int[] size() {
        int[] size = new int[2];
        byte[] message = new byte[ImageLibrary.MESSAGE_SIZE];
        check(ImageLibrary.size(content, content.limit(), size, message), message);
        return size;
    }

    /**
     * Carries a plan out.
     *
     * @param processor has the table of what levels become
     * @param out direct, in native order; receives (3, S, S) from its position on
     * @throws BrokenImageException if the file is cut off or damaged
     */
    void load(PackedPlan plan, PlannedProcessor processor, PixelBuffer out) {
        byte[] packed = plan.bytes();
        var memory = out.memory();
        int position = memory.position();
        byte[] message = new byte[ImageLibrary.MESSAGE_SIZE];
        int size = content.limit();
        int status = switch (out.precision()) {
            case FP32 -> ImageLibrary.load(content, size, packed, processor.table(), memory, position, message);
            case FP16, BF16 ->
                ImageLibrary.load16(
                        content, size, packed, processor.table16(out.precision()), memory, position, message);
        };
        check(status, message);
        memory.position(position + plan.length());
    }

    /**
     * Carries a plan out, without the normalisation.
     *
     * @return S x S
     * @throws BrokenImageException if the file is cut off or damaged
     */
    RgbImage pixels(PackedPlan plan) {
        var out = ByteBuffer.allocateDirect(plan.length());
        byte[] message = new byte[ImageLibrary.MESSAGE_SIZE];
        check(ImageLibrary.loadRgb8(content, content.limit(), plan.bytes(), out, message), message);
        byte[] pixels = new byte[out.capacity()];
        out.get(pixels);
        var window = plan.plan().window();
        return new RgbImage(window.width(), window.height(), pixels);
    }

    private void check(int status, byte[] message) {
        switch (status) {
            case ImageLibrary.OK -> {}
            case ImageLibrary.UNKNOWN ->
                throw new BrokenImageException(file + ": is neither JPEG, PNG nor WebP; convert or remove the file");
            case ImageLibrary.BROKEN -> {
                String reason = new String(message, StandardCharsets.US_ASCII);
                throw new BrokenImageException("%s: cannot be decoded: %s; replace or remove the file"
                        .formatted(file, reason.substring(0, reason.indexOf('\0'))));
            }
            case ImageLibrary.NO_MEMORY ->
                throw new OutOfMemoryError(file + ": there is no native memory for its pixels");
            default -> throw new IllegalStateException("%s: unexpected status %d".formatted(file, status));
        }
    }
}
