package io.lavis4j.processor;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import org.jspecify.annotations.Nullable;

/** JPEG files of every common kind, made by the JDK. */
final class NativeTestJpegs {

    private static final String FORMAT = "javax_imageio_jpeg_image_1.0";

    /** Horizontal and vertical sampling of Y; chroma has 1 and 1. */
    private static final int[][] SAMPLINGS = {{1, 1}, {2, 1}, {1, 2}, {2, 2}, {4, 1}};

    private NativeTestJpegs() {}

    /**
     * A file of up to {@code largest} pixels on a side: smooth and noisy, colour and grey, baseline and progressive.
     */
    static byte[] random(Random random, int largest) {
        return random(random, 1 + random.nextInt(largest), 1 + random.nextInt(largest));
    }

    /** A file of this size: smooth and noisy, colour and grey, baseline and progressive. */
    static byte[] random(Random random, int width, int height) {
        boolean grey = random.nextInt(6) == 0;
        var image = new BufferedImage(width, height, grey ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
        paint(image, random);
        var sampling = SAMPLINGS[random.nextInt(SAMPLINGS.length)];
        return write(image, 0.05f + 0.95f * random.nextFloat(), random.nextInt(4) == 0, grey ? null : sampling);
    }

    /** Three or four components, stored as they are, with Adobe's mark of what they are or without. */
    static byte[] unconverted(Random random, int components, int width, int height) {
        var raster = Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, width, height, components, null);
        int[] row = new int[width * components];
        for (int y = 0; y < height; y++) {
            for (int i = 0; i < row.length; i++) {
                double wave = Math.sin(0.07 * (i / components + (1 + i % components) * y));
                row[i] = (int) (128 + 100 * wave + 25 * random.nextDouble());
            }
            raster.setPixels(0, y, width, 1, row);
        }
        var writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        var bytes = new ByteArrayOutputStream();
        try (var stream = ImageIO.createImageOutputStream(bytes)) {
            writer.setOutput(stream);
            var param = writer.getDefaultWriteParam();
            if (random.nextBoolean()) {
                param.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
            }
            writer.write(null, new IIOImage(raster, null, null), param);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        int transform = random.nextInt(4) - 1; // none, as stored, YCbCr, YCCK
        if (transform < 0) {
            return bytes.toByteArray();
        }
        byte[] adobe = {'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, (byte) transform};
        return withSegment(bytes.toByteArray(), 0xee, adobe);
    }

    /** The same file with a camera's note of its orientation, which is ignored. */
    static byte[] withOrientation(byte[] jpeg, int orientation) {
        byte[] exif = {
            'E',
            'x',
            'i',
            'f',
            0,
            0,
            'M',
            'M',
            0,
            42,
            0,
            0,
            0,
            8,
            0,
            1,
            0x01,
            0x12,
            0,
            3,
            0,
            0,
            0,
            1,
            0,
            (byte) orientation,
            0,
            0,
            0,
            0,
            0,
            0
        };
        return withSegment(jpeg, 0xe1, exif);
    }

    private static byte[] withSegment(byte[] jpeg, int marker, byte[] content) {
        int length = content.length + 2;
        return ByteBuffer.allocate(jpeg.length + length + 2)
                .put(jpeg, 0, 2)
                .put((byte) 0xff)
                .put((byte) marker)
                .putShort((short) length)
                .put(content)
                .put(jpeg, 2, jpeg.length - 2)
                .array();
    }

    /** Levels whose changes grow with distance as in photographs, some sharp edges and a little noise; 4:2:0. */
    static byte[] photograph(Random random, int width, int height) {
        float[][] planes = new float[3][width * height];
        for (int period = 256; period >= 1; period /= 2) {
            float amplitude = 2.2f * (float) Math.pow(period, 0.6);
            addNoise(planes, width, random, period, amplitude);
        }
        var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < width * height; i++) {
            int colour = 0;
            for (float[] plane : planes) {
                colour = colour << 8 | (int) Math.max(0, Math.min(255, 128 + plane[i]));
            }
            image.setRGB(i % width, i / width, colour);
        }
        var canvas = image.createGraphics();
        for (int i = 0; i < 20; i++) {
            canvas.setColor(new Color(random.nextInt(1 << 24)));
            canvas.fillOval(
                    random.nextInt(width), random.nextInt(height), 1 + width / 12, 1 + random.nextInt(height / 4));
        }
        canvas.dispose();
        return write(image, 0.8f, false, new int[] {2, 2});
    }

    /** Random levels every {@code period} pixels, and straight lines between them; little of it is colour. */
    private static void addNoise(float[][] planes, int width, Random random, int period, float amplitude) {
        int height = planes[0].length / width;
        int columns = width / period + 2;
        float[] grey = noise(random, columns * (height / period + 2), amplitude);
        for (float[] plane : planes) {
            float[] grid = noise(random, grey.length, 0.4f * amplitude);
            for (int i = 0; i < grid.length; i++) {
                grid[i] += grey[i];
            }
            for (int y = 0; y < height; y++) {
                float v = y % period / (float) period;
                for (int x = 0; x < width; x++) {
                    float u = x % period / (float) period;
                    int at = y / period * columns + x / period;
                    plane[y * width + x] += (1 - v) * ((1 - u) * grid[at] + u * grid[at + 1])
                            + v * ((1 - u) * grid[at + columns] + u * grid[at + columns + 1]);
                }
            }
        }
    }

    private static float[] noise(Random random, int count, float amplitude) {
        float[] noise = new float[count];
        for (int i = 0; i < count; i++) {
            noise[i] = amplitude * (float) random.nextGaussian();
        }
        return noise;
    }

    private static void paint(BufferedImage image, Random random) {
        double noise = random.nextBoolean() ? 10 : 200;
        double waves = 0.3 * random.nextDouble();
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                int colour = 0;
                for (int c = 0; c < 3; c++) {
                    double level = 128
                            + 100 * Math.sin(waves * (x * (c + 1) + y * (3 - c)))
                            + noise * (random.nextDouble() - 0.5);
                    colour = colour << 8 | (int) Math.max(0, Math.min(255, level));
                }
                image.setRGB(x, y, colour);
            }
        }
    }

    /** @param sampling of Y, or {@code null} for the writer's */
    static byte[] write(BufferedImage image, float quality, boolean progressive, int @Nullable [] sampling) {
        var writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        var bytes = new ByteArrayOutputStream();
        try (var stream = ImageIO.createImageOutputStream(bytes)) {
            writer.setOutput(stream);
            var param = writer.getDefaultWriteParam();
            param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            param.setCompressionQuality(quality);
            if (progressive) {
                param.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
            }
            var metadata = writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(image), param);
            if (sampling != null) {
                sample(metadata, sampling);
            }
            writer.write(null, new IIOImage(image, null, metadata), param);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    private static void sample(IIOMetadata metadata, int[] sampling) throws IOException {
        var root = (IIOMetadataNode) metadata.getAsTree(FORMAT);
        var components = root.getElementsByTagName("componentSpec");
        var luma = (IIOMetadataNode) components.item(0);
        luma.setAttribute("HsamplingFactor", Integer.toString(sampling[0]));
        luma.setAttribute("VsamplingFactor", Integer.toString(sampling[1]));
        metadata.setFromTree(FORMAT, root);
    }
}
