package io.lavis4j.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.image.Box;
import io.lavis4j.image.RegionMode;
import io.lavis4j.image.Regions;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThumbnailTest {

    @TempDir
    private Path folder = Path.of("");

    private Path grey(int width, int height) throws IOException {
        var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        var graphics = image.createGraphics();
        graphics.setColor(Color.GRAY);
        graphics.fillRect(0, 0, width, height);
        graphics.dispose();
        var file = folder.resolve("grey.png");
        ImageIO.write(image, "png", file.toFile());
        return file;
    }

    private static BufferedImage decode(Thumbnail thumbnail) throws IOException {
        String start = "data:image/jpeg;base64,";
        assertThat(thumbnail.uri()).startsWith(start);
        return ImageIO.read(new ByteArrayInputStream(
                Base64.getDecoder().decode(thumbnail.uri().substring(start.length()))));
    }

    private static boolean isGreen(BufferedImage image, int x, int y) {
        var colour = new Color(image.getRGB(x, y));
        return colour.getGreen() > 200 && colour.getRed() < 90 && colour.getBlue() < 130;
    }

    @Test
    void aLargeImageIsShrunkAndItsRegionsWithIt() throws IOException {
        var regions = new Regions(List.of(new Box(100, 50, 200, 100)), 480, 240, RegionMode.NONE); // declared at half
        var small = Thumbnail.of(grey(960, 480), regions);
        assertThat(small.width()).isEqualTo(480);
        assertThat(small.height()).isEqualTo(240);
        var image = decode(small);
        assertThat(image.getWidth()).isEqualTo(480);
        assertThat(isGreen(image, 101, 100)).isTrue();
        assertThat(isGreen(image, 299, 100)).isTrue();
        assertThat(isGreen(image, 200, 51)).isTrue();
        assertThat(isGreen(image, 200, 100)).isFalse();
        assertThat(new Color(image.getRGB(200, 100)).getRed()).isGreaterThan(140); // the veil
        assertThat(new Color(image.getRGB(50, 100)).getRed()).isBetween(120, 136);
    }

    @Test
    void regionsOfAnotherShapeThanDeclaredAreInTheFilesPixels() throws IOException {
        var regions = new Regions(List.of(new Box(200, 100, 400, 200)), 100, 100, RegionMode.HIGHLIGHT);
        var image = decode(Thumbnail.of(grey(960, 480), regions));
        assertThat(isGreen(image, 101, 100)).isTrue();
        assertThat(isGreen(image, 299, 100)).isTrue();
    }

    @Test
    void aSmallImageKeepsItsSize() throws IOException {
        var small = Thumbnail.of(grey(60, 90), new Regions(List.of(), 0, 0, RegionMode.HIGHLIGHT));
        assertThat(small.width()).isEqualTo(60);
        assertThat(small.height()).isEqualTo(90);
    }
}
