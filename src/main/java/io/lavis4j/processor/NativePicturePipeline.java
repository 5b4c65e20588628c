package io.lavis4j.processor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pipeline in native code, in one pass over a picture's rows; equal to {@link JavaPicturePipeline} bit for bit
 * unless the processor asks for {@link PlannedProcessor#fastDecode()}.
 *
 * <p>What is random is planned in Java. RandAugment is done in Java too, on the picture that is cropped and resized
 * already. Direct buffers in the machine's byte order are written in place.
 */
final class NativePicturePipeline implements PicturePipeline {

    private static final Logger LOG = LoggerFactory.getLogger(NativePicturePipeline.class);

    private static final int PIECE = 1 << 16;

    /** The content of each thread's file; native code wants it outside of the heap. */
    private final ThreadLocal<ByteBuffer> contents = ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(PIECE));

    private final JavaPicturePipeline twin = new JavaPicturePipeline();
    private final Set<Path> misfits = ConcurrentHashMap.newKeySet();

    @Override
    public void load(Path file, Regions regions, ImageProcessor processor, Draws draws, FloatBuffer out) {
        if (!(processor instanceof PlannedProcessor planned)) {
            twin.load(file, regions, processor, draws, out);
            return;
        }
        requireRoom(processor.imageSize(), out);
        var input = new NativeInput(file, read(file));
        int[] size = input.size();
        noteMisfit(file, regions, size[0], size[1]);
        var plan = planned.plan(size[0], size[1], draws);
        boolean fast = planned.fastDecode();
        float[] table = planned.normalization().table();
        if (!plan.augmentations().isEmpty()) {
            Normalization.apply(augment(input.pixels(regions, plan, fast), plan), table, out);
        } else if (out.isDirect() && out.order() == ByteOrder.nativeOrder()) {
            input.load(regions, plan, fast, table, out);
        } else {
            var floats = ByteBuffer.allocateDirect(3 * Float.BYTES * planned.imageSize() * planned.imageSize())
                    .order(ByteOrder.nativeOrder())
                    .asFloatBuffer();
            input.load(regions, plan, fast, table, floats);
            out.put(floats.flip());
        }
    }

    private static RgbImage augment(RgbImage image, PicturePlan plan) {
        byte[] pixels = image.pixels();
        for (Augmentation augmentation : plan.augmentations()) {
            pixels = augmentation.apply(pixels, image.width(), image.height());
        }
        return new RgbImage(image.width(), image.height(), pixels);
    }

    private static void requireRoom(int imageSize, FloatBuffer out) {
        int needed = 3 * imageSize * imageSize;
        if (out.remaining() < needed) {
            throw new IllegalArgumentException("expected room for %d numbers (3 x %d x %d), got %d"
                    .formatted(needed, imageSize, imageSize, out.remaining()));
        }
    }

    private void noteMisfit(Path file, Regions regions, int width, int height) {
        if (regions.mode() != RegionMode.NONE && !RegionHighlight.fits(regions, width, height) && misfits.add(file)) {
            LOG.warn(
                    "{}: has {} x {} pixels, declared are {} x {}; its boxes are taken as pixels of the file",
                    file,
                    width,
                    height,
                    regions.declaredWidth(),
                    regions.declaredHeight());
        }
    }

    /** @return the whole file, from 0 to the limit; valid until this thread's next file */
    private ByteBuffer read(Path file) {
        try (var channel = FileChannel.open(file)) {
            long size = channel.size();
            if (size > Integer.MAX_VALUE - PIECE) {
                throw new BrokenImageException(
                        "%s: has %d bytes, expected less than 2^31; replace or remove the file".formatted(file, size));
            }
            var buffer = contents.get();
            if (buffer.capacity() < size) {
                buffer = ByteBuffer.allocateDirect(((int) size / PIECE + 1) * PIECE);
                contents.set(buffer);
            }
            buffer.clear();
            int count = 0;
            while (count >= 0 && buffer.hasRemaining()) {
                count = channel.read(buffer);
            }
            return buffer.flip();
        } catch (NoSuchFileException e) {
            throw new BrokenImageException(file + ": there is no such file; check the root of the pictures", e);
        } catch (IOException e) {
            throw new BrokenImageException("%s: cannot be read (%s); check the file".formatted(file, e), e);
        }
    }
}
