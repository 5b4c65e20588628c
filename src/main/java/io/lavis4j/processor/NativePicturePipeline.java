package io.lavis4j.processor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The pipeline in native code, in one pass over a picture's rows; equal to {@link JavaPicturePipeline} bit for bit
 * unless the processor asks for {@link PlannedProcessor#fastDecode()}.
 *
 * <p>What is random is planned in Java. Direct buffers in the machine's byte order are written in place.
 */
final class NativePicturePipeline implements PicturePipeline {

    private static final int PIECE = 1 << 16;

    /** The content of each thread's file; native code wants it outside of the heap. */
    private final ThreadLocal<ByteBuffer> contents = ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(PIECE));

    private final JavaPicturePipeline twin = new JavaPicturePipeline();
    private final Misfits misfits = new Misfits();

    @Override
    public void load(Path file, Regions regions, ImageProcessor processor, Draws draws, FloatBuffer out) {
        load(file, regions, processor, draws, PixelBuffer.of(out));
    }

    @Override
    public void load(Path file, Regions regions, ImageProcessor processor, Draws draws, PixelBuffer out) {
        if (!(processor instanceof PlannedProcessor planned)) {
            twin.load(file, regions, processor, draws, out);
            return;
        }
        out.requireRoom(processor.imageSize());
        var input = new NativeInput(file, read(file));
        int[] size = input.size();
        misfits.note(file, regions, size[0], size[1]);
        var plan = planned.plan(size[0], size[1], draws);
        var order = new NativeOrder(regions, plan, planned.fastDecode());
        if (out.isNative()) {
            input.load(order, planned, out);
        } else {
            var copy = PixelBuffer.direct(order.length(), out.precision());
            input.load(order, planned, copy);
            out.put(copy.memory().flip());
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
