package io.lavis4j.processor;

import io.lavis4j.image.Box;
import io.lavis4j.image.BrokenImageException;
import io.lavis4j.image.ImageDecoder;
import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import io.lavis4j.image.RgbImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.zip.CRC32;

/**
 * What the native reader and plain Java make of every file of a folder; {@code src/test/python/fuzz_images.py} compares
 * it with Pillow. Prints a line per file: its name, the native answer and Java's, with tabs between. An answer is the
 * size and the CRC-32 of the pixels, or why the file is refused.
 */
final class DecodedImages {

    private DecodedImages() {}

    public static void main(String[] arguments) throws IOException {
        ImageLibrary.load();
        List<Path> files;
        try (var list = Files.list(Path.of(arguments[0]))) {
            files = list.sorted().toList();
        }
        for (Path file : files) {
            byte[] content = Files.readAllBytes(file);
            String name = file.getFileName().toString();
            String inNative = answer(() -> inNative(content, name));
            System.out.println(name + "\t" + inNative + "\t" + answer(() -> ImageDecoder.decode(content, name)));
        }
    }

    private static RgbImage inNative(byte[] content, String name) {
        var memory = ByteBuffer.allocateDirect(content.length).put(content).flip();
        var input = new NativeImage(name, memory);
        int[] size = input.size();
        var whole = new Box(0, 0, size[0], size[1]);
        var plan = new ImagePlan(whole, size[0], size[1], whole, false, List.of());
        return input.pixels(new PackedPlan(new Regions(List.of(), 0, 0, RegionMode.NONE), plan, false));
    }

    private static String answer(Supplier<RgbImage> reader) {
        try {
            var image = reader.get();
            var crc = new CRC32();
            crc.update(image.pixels());
            return "%d x %d %08x".formatted(image.width(), image.height(), crc.getValue());
        } catch (BrokenImageException e) {
            return "refused " + e.toString().replaceAll("\\s+", " ");
        }
    }
}
