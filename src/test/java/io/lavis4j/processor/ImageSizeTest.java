package io.lavis4j.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.image.BrokenImageException;
import io.lavis4j.image.ImageDecoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LibtorchFirst.class)
class ImageSizeTest {

    private static final Path CORPUS = Path.of("src/test/resources/sherlock_mini/vg/images/VG_100K");

    @TempDir
    private Path folder = Path.of("");

    @Test
    void itIsThatOfTheDecodedImage() throws IOException {
        try (var files = Files.list(CORPUS)) {
            var images = files.toList();
            assertThat(images).isNotEmpty().allSatisfy(file -> {
                var decoded = ImageDecoder.read(file);
                var expected = new ImageSize(decoded.width(), decoded.height());
                assertThat(ImageSize.of(file)).isEqualTo(expected);
                assertThat(ImageSize.of(Files.readAllBytes(file), "it")).isEqualTo(expected);
            });
        }
    }

    @Test
    void aHeaderMayBeAfterMuchElse() throws IOException {
        Path plain;
        try (var files = Files.list(CORPUS)) {
            plain = files.findFirst().orElseThrow();
        }
        byte[] jpeg = Files.readAllBytes(plain);
        var out = new ByteArrayOutputStream();
        out.write(jpeg, 0, 2);
        for (int i = 0; i < 3; i++) { // application segments of 65,000 bytes
            out.write(new byte[] {(byte) 0xff, (byte) 0xed, (byte) (65_002 >> 8), (byte) 65_002});
            out.write(new byte[65_000]);
        }
        out.write(jpeg, 2, jpeg.length - 2);
        var file = Files.write(folder.resolve("long.jpg"), out.toByteArray());
        assertThat(ImageSize.of(file)).isEqualTo(ImageSize.of(plain));
    }

    @Test
    void whatIsNoImageIsNamed() throws IOException {
        var text = Files.writeString(folder.resolve("text.jpg"), "not an image");
        assertThatThrownBy(() -> ImageSize.of(text))
                .isInstanceOf(BrokenImageException.class)
                .hasMessageContaining("text.jpg: is a text");
        assertThatThrownBy(() -> ImageSize.of(folder.resolve("none.jpg")))
                .isInstanceOf(BrokenImageException.class)
                .hasMessageContaining("none.jpg: there is no such file");
    }
}
