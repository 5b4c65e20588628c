package io.lavis4j.bench;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;

/** Something with the spectrum of a photograph: noise whose strength falls as its detail grows. */
final class DrawnPhotograph {

    private static final int WIDTH = 1920;
    private static final int HEIGHT = 1080;
    private static final int MAX_BYTES = 350_000;

    private DrawnPhotograph() {}

    /** A temporary JPEG file, 4:2:0, of the best quality that stays below 350 kB. */
    static Path write() throws IOException {
        var image = draw(new Random(1));
        for (float quality = 0.95f; ; quality -= 0.01f) {
            byte[] jpeg = encode(image, quality);
            if (jpeg.length < MAX_BYTES) {
                return Files.write(Files.createTempFile("drawn", ".jpg"), jpeg);
            }
        }
    }

    private static byte[] encode(BufferedImage image, float quality) throws IOException {
        var bytes = new ByteArrayOutputStream();
        var writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try (var stream = ImageIO.createImageOutputStream(bytes)) {
            var parameters = writer.getDefaultWriteParam();
            parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            parameters.setCompressionQuality(quality);
            writer.setOutput(stream);
            writer.write(null, new IIOImage(image, null, null), parameters);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    private static BufferedImage draw(Random random) {
        var image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        float[][] planes = {plane(random), plane(random), plane(random)};
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                int i = y * WIDTH + x;
                float grey = planes[0][i];
                int r = level(128 + grey + 0.3f * planes[1][i]);
                int b = level(128 + grey + 0.3f * planes[2][i]);
                image.setRGB(x, y, r << 16 | level(128 + grey) << 8 | b);
            }
        }
        return image;
    }

    private static int level(float value) {
        return Math.max(0, Math.min(255, Math.round(value)));
    }

    /** Octaves of noise, each half as large and half as strong as the one before. */
    private static float[] plane(Random random) {
        float[] plane = new float[WIDTH * HEIGHT];
        float strength = 64;
        for (int cell = 256; cell >= 1; cell /= 2, strength /= 2) {
            int columns = WIDTH / cell + 2;
            float[] noise = new float[columns * (HEIGHT / cell + 2)];
            for (int i = 0; i < noise.length; i++) {
                noise[i] = strength * (2 * random.nextFloat() - 1);
            }
            for (int y = 0; y < HEIGHT; y++) {
                float v = (float) (y % cell) / cell;
                for (int x = 0; x < WIDTH; x++) {
                    float u = (float) (x % cell) / cell;
                    int at = y / cell * columns + x / cell;
                    float upper = noise[at] + u * (noise[at + 1] - noise[at]);
                    float lower = noise[at + columns] + u * (noise[at + columns + 1] - noise[at + columns]);
                    plane[y * WIDTH + x] += upper + v * (lower - upper);
                }
            }
        }
        return plane;
    }
}
