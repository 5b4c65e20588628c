package io.lavis4j.report;

import io.lavis4j.image.Box;
import io.lavis4j.image.BrokenImageException;
import io.lavis4j.image.ImageDecoder;
import io.lavis4j.image.RegionHighlight;
import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import io.lavis4j.image.RgbImage;
import io.lavis4j.image.Thumbnails;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Base64;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * A small image with its regions drawn, as a JPEG inside a page.
 *
 * @param uri {@code data:image/jpeg;base64,...}
 * @param width pixels
 * @param height pixels
 */
public record Thumbnail(String uri, int width, int height) {

    /** The longest side, in pixels; smaller images keep their size. */
    public static final int LONGEST_SIDE = 480;

    private static final float QUALITY = 0.85f;

    /**
     * Reads an image, shrinks it and draws the regions as {@link RegionHighlight} does, with a frame of the full width.
     *
     * @param regions drawn as highlights whatever their mode
     * @throws BrokenImageException if the image cannot be read
     */
    public static Thumbnail of(Path file, Regions regions) {
        var image = ImageDecoder.read(file);
        var small = Thumbnails.toFit(image, LONGEST_SIDE);
        var drawn = RegionHighlight.draw(small, scaled(regions, image, small));
        return new Thumbnail("data:image/jpeg;base64," + jpeg(drawn), drawn.width(), drawn.height());
    }

    /**
     * An {@code img} element.
     *
     * @param alternative text for those who do not see it, as plain text
     */
    public String html(String alternative) {
        return "<img src=\"%s\" width=\"%d\" height=\"%d\" alt=\"%s\">"
                .formatted(uri, width, height, Html.escape(alternative));
    }

    /** The regions in pixels of the small image. */
    private static Regions scaled(Regions regions, RgbImage image, RgbImage small) {
        boolean declared = regions.declaredWidth() > 0
                && regions.declaredHeight() > 0
                && RegionHighlight.fits(regions, image.width(), image.height());
        double scaleX = (double) small.width() / (declared ? regions.declaredWidth() : image.width());
        double scaleY = (double) small.height() / (declared ? regions.declaredHeight() : image.height());
        var boxes = regions.boxes().stream()
                .map(box -> {
                    int left = scaled(box.left(), scaleX), top = scaled(box.top(), scaleY);
                    return new Box(
                            left,
                            top,
                            scaled((long) box.left() + box.width(), scaleX) - left,
                            scaled((long) box.top() + box.height(), scaleY) - top);
                })
                .toList();
        return new Regions(boxes, 0, 0, RegionMode.HIGHLIGHT);
    }

    private static int scaled(long pixels, double scale) {
        return (int) Math.round(pixels * scale);
    }

    private static String jpeg(RgbImage image) {
        var buffer = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
        byte[] pixels = image.pixels();
        for (int y = 0, at = 0; y < image.height(); y++) {
            for (int x = 0; x < image.width(); x++, at += 3) {
                buffer.setRGB(x, y, (pixels[at] & 0xff) << 16 | (pixels[at + 1] & 0xff) << 8 | (pixels[at + 2] & 0xff));
            }
        }
        var bytes = new ByteArrayOutputStream();
        var writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try (var out = new MemoryCacheImageOutputStream(bytes)) {
            var parameters = writer.getDefaultWriteParam();
            parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            parameters.setCompressionQuality(QUALITY);
            writer.setOutput(out);
            writer.write(null, new IIOImage(buffer, null, null), parameters);
        } catch (IOException e) {
            throw new UncheckedIOException("an image cannot be made a JPEG: " + e.getMessage(), e);
        } finally {
            writer.dispose();
        }
        return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }
}
