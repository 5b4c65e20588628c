package io.lavis4j.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForeignContentTest {

    private static byte[] bytes(String text) {
        return text.translateEscapes().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Octal escapes are bytes. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            \\0\\0\\0\\34ftypavif\\0\\0\\0\\0avifmif1miaf    | is an AVIF image, which is not read; convert it to JPEG or PNG
            \\0\\0\\0\\34ftypmif1\\0\\0\\0\\0mif1avifmiaf    | is an AVIF image, which is not read; convert it to JPEG or PNG
            \\0\\0\\0\\30ftypheic\\0\\0\\0\\0mif1heic        | is a HEIC image, which is not read; convert it to JPEG or PNG
            \\0\\0\\0\\30ftypmif1\\0\\0\\0\\0mif1miaf        | is a HEIC image, which is not read; convert it to JPEG or PNG
            \\0\\0\\0\\24ftypisom\\0\\0\\2\\0mp41            | is a video and not an image; replace or remove the file
            \\0\\0\\0\\14jP  \\r\\n\\207\\n\\0\\0\\0\\24ftypjp2 | is a JPEG 2000 image, which is not read; convert
            \\377\\117\\377\\121\\0\\57                      | is a JPEG 2000 image, which is not read; convert
            \\377\\12\\377\\0                                | is a JPEG XL image, which is not read; convert
            8BPS\\0\\1\\0\\0                                 | is a Photoshop document, which is not read; convert
            %PDF-1.7                                         | is a PDF document, which is not read; convert
            \\0\\0\\1\\0\\1\\0\\20\\20                       | is an icon, which is not read; convert
            P6\\n4 4\\n255\\n                                | is a Netpbm image, which is not read; convert
            <svg xmlns='http://www.w3.org/2000/svg'/>        | is an SVG drawing, which is not read; convert
            <?xml version='1.0'?>\\n<!-- x -->\\n<svg/>      | is an SVG drawing, which is not read; convert
            \\n<!DOCTYPE html><html><svg/></html>            | is an HTML page and not an image; fetch
            <html>\\n<head><title>404 Not Found              | is an HTML page and not an image; fetch
            \\357\\273\\277<HTML><BODY>                      | is an HTML page and not an image; fetch
            <?xml version='1.0'?><Error><Code>AccessDenied   | is an XML document and not an image; fetch
            version https://git-lfs.github.com/spec/v1\\noid | is a pointer to a file in Git LFS and not an image; run git lfs pull
            {"error": "not found"}\\n                        | is a text and not an image; fetch
            Bad Request                                      | is a text and not an image; fetch
            PK\\3\\4\\24\\0                                  | is a ZIP archive and not an image; replace
            RIFF\\0\\0\\0\\0AVI LIST                         | is a video and not an image; replace
            \\0\\0\\0\\0\\0\\0                               | is neither JPEG, PNG, WebP, GIF, BMP nor TIFF, it begins with the bytes 00000000
            """)
    void whatIsFoundUnderTheNamesOfImagesIsNamedWithWhatToDo(String beginning, String message) {
        assertThat(ImageFormat.of(bytes(beginning))).isNull();
        assertThatThrownBy(() -> ImageDecoder.decode(bytes(beginning), "x.jpg"))
                .isInstanceOf(BrokenImageException.class)
                .hasMessageStartingWith("x.jpg: " + message);
    }

    @Test
    void aFormatIsToldByContent() {
        assertThat(ImageFormat.of(bytes("GIF89a"))).isEqualTo(ImageFormat.GIF);
        assertThat(ImageFormat.of(bytes("BM but a text, and not with a header")))
                .isNull();
        assertThat(ImageFormat.of(new byte[0])).isNull();
    }
}
