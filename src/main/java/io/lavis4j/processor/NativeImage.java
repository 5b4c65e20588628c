package io.lavis4j.processor;

import io.lavis4j.image.BrokenImageException;
import io.lavis4j.image.RgbImage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * An image file in native memory, read by native code.
 *
 * @param file for messages
 * @param content direct, from 0 to its limit
 */
record NativeImage(String file, ByteBuffer content) {

    /**
     * Reads the header.
     *
     * @return width and height, pixels; {@code null} if native code does not know the format
     * @throws BrokenImageException if the file is damaged or too large
     */
    int @Nullable [] size() {
        int[] size = new int[2];
        byte[] message = new byte[ImageLibrary.MESSAGE_SIZE];
        int status = ImageLibrary.size(content, content.limit(), size, message);
        if (status == ImageLibrary.UNKNOWN) {
            return null;
        }
        check(status, message);
        return size;
    }

    /** A copy of the content. */
    byte[] bytes() {
        byte[] bytes = new byte[content.limit()];
        content.get(0, bytes);
        return bytes;
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
