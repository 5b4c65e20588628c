package io.lavis4j.processor;

import io.lavis4j.image.BrokenImageException;
import io.lavis4j.image.Regions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The pipeline in native code, in one pass over an image's rows; equal to {@link JavaImagePipeline} bit for bit unless
 * the processor asks for {@link PlannedProcessor#fastDecode()}.
 *
 * <p>Native code decodes JPEG, PNG and WebP; images in other formats go through plain Java as a whole. Random choices
 * are made in Java, by the plan. Direct buffers in the machine's byte order are written in place.
 */
final class NativeImagePipeline implements ImagePipeline {

    private static final int PIECE = 1 << 16;

    /** The content of each thread's file; native code wants it outside of the heap. */
    private final ThreadLocal<ByteBuffer> contents = ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(PIECE));

    private final JavaImagePipeline twin = new JavaImagePipeline();
    private final RegionSizeWarnings sizeWarnings = new RegionSizeWarnings();

    @Override
    public void load(Path file, Regions regions, ImageProcessor processor, SampleRandom random, PixelBuffer out) {
        if (processor instanceof PlannedProcessor planned) {
            load(new NativeImage(file.toString(), read(file)), regions, planned, random, out);
        } else {
            twin.load(file, regions, processor, random, out);
        }
    }

    @Override
    public void load(
            byte[] content,
            String name,
            Regions regions,
            ImageProcessor processor,
            SampleRandom random,
            PixelBuffer out) {
        if (processor instanceof PlannedProcessor planned) {
            var memory = room(content.length).put(content).flip();
            load(new NativeImage(name, memory), regions, planned, random, out);
        } else {
            twin.load(content, name, regions, processor, random, out);
        }
    }

    private void load(
            NativeImage input, Regions regions, PlannedProcessor processor, SampleRandom random, PixelBuffer out) {
        if (!input.isKnown()) {
            twin.load(input.bytes(), input.file(), regions, processor, random, out);
            return;
        }
        out.requireRoom(processor.imageSize());
        int[] size = input.size();
        sizeWarnings.note(input.file(), regions, size[0], size[1]);
        var plan = processor.plan(size[0], size[1], random);
        var packed = new PackedPlan(regions, plan, processor.fastDecode());
        if (out.isNative()) {
            input.load(packed, processor, out);
        } else {
            var copy = PixelBuffer.direct(packed.length(), out.precision());
            input.load(packed, processor, copy);
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
            var buffer = room((int) size);
            int count = 0;
            while (count >= 0 && buffer.hasRemaining()) {
                count = channel.read(buffer);
            }
            return buffer.flip();
        } catch (NoSuchFileException e) {
            throw new BrokenImageException(file + ": there is no such file; check the root of the images", e);
        } catch (IOException e) {
            throw new BrokenImageException("%s: cannot be read (%s); check the file".formatted(file, e), e);
        }
    }

    /** @return this thread's memory, from 0 to at least {@code size} */
    private ByteBuffer room(int size) {
        var buffer = contents.get();
        if (buffer.capacity() < size) {
            buffer = ByteBuffer.allocateDirect((size / PIECE + 1) * PIECE);
            contents.set(buffer);
        }
        return buffer.clear();
    }
}
