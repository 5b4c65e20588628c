package io.lavis4j.processor;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * A picture file in native memory, and what native code makes of it.
 *
 * @param file for messages
 * @param content direct, from 0 to its limit
 */
record NativeInput(Path file, ByteBuffer content) {

    /**
     * Reads the header.
     *
     * @return width and height, pixels
     * @throws BrokenImageException if the file is no picture or too large
     */
    int[] size() {
        int[] size = new int[2];
        byte[] message = new byte[NativePictures.MESSAGE_SIZE];
        check(NativePictures.size(content, content.limit(), size, message), message);
        return size;
    }

    /**
     * Carries a plan without augmentations out.
     *
     * @param fast whether a JPEG picture may be decoded at a smaller size
     * @param table of {@link Normalization#table()}
     * @param out direct, in native order; receives (3, S, S) from its position on
     * @throws BrokenImageException if the file is cut off or damaged
     */
    void load(Regions regions, PicturePlan plan, boolean fast, float[] table, FloatBuffer out) {
        int length = 3 * plan.window().width() * plan.window().height();
        byte[] message = new byte[NativePictures.MESSAGE_SIZE];
        int status = NativePictures.load(
                content,
                content.limit(),
                numbers(regions),
                boxes(regions),
                numbers(plan, fast),
                table,
                out,
                out.position(),
                message);
        check(status, message);
        out.position(out.position() + length);
    }

    /**
     * Carries a plan out but for its augmentations.
     *
     * @param fast whether a JPEG picture may be decoded at a smaller size
     * @return S x S
     * @throws BrokenImageException if the file is cut off or damaged
     */
    RgbImage pixels(Regions regions, PicturePlan plan, boolean fast) {
        int width = plan.window().width();
        int height = plan.window().height();
        var out = ByteBuffer.allocateDirect(3 * width * height);
        byte[] message = new byte[NativePictures.MESSAGE_SIZE];
        int status = NativePictures.loadRgb8(
                content, content.limit(), numbers(regions), boxes(regions), numbers(plan, fast), out, message);
        check(status, message);
        byte[] pixels = new byte[out.capacity()];
        out.get(pixels);
        return new RgbImage(width, height, pixels);
    }

    private static int[] numbers(Regions regions) {
        int mode = switch (regions.mode()) {
            case HIGHLIGHT -> 0;
            case NONE -> 1;
            case HIDE -> 2;
            case BLACKOUT -> 3;
        };
        return new int[] {regions.declaredWidth(), regions.declaredHeight(), mode};
    }

    private static int[] boxes(Regions regions) {
        int[] numbers = new int[4 * regions.boxes().size()];
        int i = 0;
        for (Box box : regions.boxes()) {
            numbers[i++] = box.left();
            numbers[i++] = box.top();
            numbers[i++] = box.width();
            numbers[i++] = box.height();
        }
        return numbers;
    }

    private static int[] numbers(PicturePlan plan, boolean fast) {
        var crop = plan.crop();
        var window = plan.window();
        return new int[] {
            crop.left(),
            crop.top(),
            crop.width(),
            crop.height(),
            plan.width(),
            plan.height(),
            window.left(),
            window.top(),
            window.width(),
            window.height(),
            plan.flip() ? 1 : 0,
            fast ? 1 : 0
        };
    }

    private void check(int status, byte[] message) {
        switch (status) {
            case NativePictures.OK -> {}
            case NativePictures.UNKNOWN -> throw new BrokenImageException(unknown());
            case NativePictures.BROKEN -> {
                String reason = new String(message, StandardCharsets.US_ASCII);
                throw new BrokenImageException("%s: cannot be decoded: %s; replace or remove the file"
                        .formatted(file, reason.substring(0, reason.indexOf('\0'))));
            }
            case NativePictures.NO_MEMORY ->
                throw new OutOfMemoryError(file + ": there is no native memory for its pixels");
            default -> throw new IllegalStateException("%s: unexpected status %d".formatted(file, status));
        }
    }

    private String unknown() {
        if (content.limit() == 0) {
            return file + ": is empty; replace or remove the file";
        }
        byte[] beginning = new byte[Math.min(content.limit(), 4)];
        content.get(0, beginning);
        return "%s: is neither JPEG nor PNG, it begins with the bytes %s; convert or remove the file"
                .formatted(file, HexFormat.of().formatHex(beginning));
    }
}
