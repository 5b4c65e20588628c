package io.lavis4j.processor;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;

/** PNG files of every common kind, made by the JDK. */
final class NativeTestPngs {

    /** What a pixel is made of. */
    enum Kind {
        RGB,
        RGBA,
        GREY,
        GREY_ALPHA,
        RGB_16,
        RGBA_16,
        GREY_16,
        BILEVEL,
        PALETTE_16,
        PALETTE_256,
        PALETTE_TRANSPARENT
    }

    private NativeTestPngs() {}

    /** Noise in squares, so that it compresses. */
    static byte[] random(Random random, Kind kind, int width, int height) {
        var image = empty(random, kind, width, height);
        var raster = image.getRaster();
        int bands = raster.getNumBands();
        int square = 1 + random.nextInt(6);
        int[] row = new int[width * bands];
        for (int y = 0; y < height; y++) {
            for (int i = 0; y % square == 0 && i < row.length; i++) {
                int levels = 1
                        << image.getColorModel()
                                .getComponentSize(image.getColorModel() instanceof IndexColorModel ? 0 : i % bands);
                int limit = image.getColorModel() instanceof IndexColorModel palette ? palette.getMapSize() : levels;
                row[i] = i / bands % square == 0 || i < bands ? random.nextInt(limit) : row[i - bands];
            }
            raster.setPixels(0, y, width, 1, row);
        }
        return write(image, random.nextInt(3) == 0);
    }

    private static BufferedImage empty(Random random, Kind kind, int width, int height) {
        return switch (kind) {
            case RGB -> new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
            case RGBA -> new BufferedImage(width, height, BufferedImage.TYPE_4BYTE_ABGR);
            case GREY -> new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
            case GREY_16 -> new BufferedImage(width, height, BufferedImage.TYPE_USHORT_GRAY);
            case BILEVEL -> new BufferedImage(width, height, BufferedImage.TYPE_BYTE_BINARY);
            case GREY_ALPHA -> components(ColorSpace.CS_GRAY, true, DataBuffer.TYPE_BYTE, width, height);
            case RGB_16 -> components(ColorSpace.CS_sRGB, false, DataBuffer.TYPE_USHORT, width, height);
            case RGBA_16 -> components(ColorSpace.CS_sRGB, true, DataBuffer.TYPE_USHORT, width, height);
            case PALETTE_16 ->
                new BufferedImage(
                        width,
                        height,
                        BufferedImage.TYPE_BYTE_BINARY,
                        palette(random, 4, 2 + random.nextInt(15), false));
            case PALETTE_256 ->
                new BufferedImage(
                        width,
                        height,
                        BufferedImage.TYPE_BYTE_INDEXED,
                        palette(random, 8, 17 + random.nextInt(240), false));
            case PALETTE_TRANSPARENT ->
                new BufferedImage(
                        width,
                        height,
                        BufferedImage.TYPE_BYTE_INDEXED,
                        palette(random, 8, 17 + random.nextInt(240), true));
        };
    }

    private static BufferedImage components(int space, boolean alpha, int type, int width, int height) {
        var model = new ComponentColorModel(
                ColorSpace.getInstance(space),
                alpha,
                false,
                alpha ? Transparency.TRANSLUCENT : Transparency.OPAQUE,
                type);
        return new BufferedImage(model, model.createCompatibleWritableRaster(width, height), false, null);
    }

    private static IndexColorModel palette(Random random, int bits, int colours, boolean alpha) {
        byte[][] levels = new byte[4][colours];
        for (byte[] channel : levels) {
            random.nextBytes(channel);
        }
        return alpha
                ? new IndexColorModel(bits, colours, levels[0], levels[1], levels[2], levels[3])
                : new IndexColorModel(bits, colours, levels[0], levels[1], levels[2]);
    }

    private static byte[] write(BufferedImage image, boolean interlaced) {
        var writer = ImageIO.getImageWritersByFormatName("png").next();
        var bytes = new ByteArrayOutputStream();
        try (var stream = ImageIO.createImageOutputStream(bytes)) {
            writer.setOutput(stream);
            var param = writer.getDefaultWriteParam();
            param.setProgressiveMode(interlaced ? ImageWriteParam.MODE_DEFAULT : ImageWriteParam.MODE_DISABLED);
            writer.write(null, new IIOImage(image, null, null), param);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }
}
