package io.lavis4j.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextFileTest {

    private static final String TEXT = "[\"né \ud83d\ude00\"]";

    @TempDir
    private Path folder;

    private Path file(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("a.txt"), bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"})
    void theMarkOrTheFirstCharacterSayTheEncoding(String name) throws IOException {
        var charset = Charset.forName(name);

        assertThat(TextFile.read(file(TEXT.getBytes(charset)))).isEqualTo(TEXT);
        assertThat(TextFile.read(file(("\ufeff" + TEXT).getBytes(charset)))).isEqualTo(TEXT);
        assertThat(TextFile.decode("1".getBytes(charset))).isEqualTo("1");
    }

    @Test
    void longTextsAreReadWholeWhereverTheirBytesAreDivided() throws IOException {
        for (int before = 0; before < 4; before++) {
            String text = "x".repeat(before) + "né \ud83d\ude00".repeat(20_000);
            assertThat(TextFile.read(file(text.getBytes(StandardCharsets.UTF_8))))
                    .isEqualTo(text);
        }
        assertThat(TextFile.read(file(new byte[0]))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 16_382, 16_383, 16_384, 50_000})
    void aWrongByteMayBeACharacterOfItsOwn(int before) throws IOException {
        byte[] start = "x".repeat(before).getBytes(StandardCharsets.UTF_8);
        byte[] wrong = {'n', (byte) 0xE9, 'e', (byte) 0xC3, (byte) 0xA9, (byte) 0xF0, (byte) 0x9F};
        byte[] text = Arrays.copyOf(start, before + wrong.length);
        System.arraycopy(wrong, 0, text, before, wrong.length);
        var read = new StringWriter();
        try (var reader = TextFile.escapingReader(new ByteArrayInputStream(text))) {
            reader.transferTo(read);
        }
        assertThat(read.toString()).isEqualTo("x".repeat(before) + "n\udce9eé\udcf0\udc9f");
    }

    @Test
    void theFirstWrongByteIsNamed() throws IOException {
        byte[] latin = ("x".repeat(40_000) + "é.").getBytes(StandardCharsets.ISO_8859_1);
        byte[] cut = Arrays.copyOf("né".getBytes(StandardCharsets.UTF_8), 2);
        byte[] surrogate = {'a', (byte) 0xED, (byte) 0xA0, (byte) 0x80};

        assertFault(latin, "byte 0xE9 at offset 40000 is not UTF-8");
        assertFault(cut, "byte 0xC3 at offset 1 is not UTF-8");
        assertFault(surrogate, "byte 0xED at offset 1 is not UTF-8");
        assertFault(
                Arrays.copyOf("\ufeffab".getBytes(StandardCharsets.UTF_16LE), 5),
                "byte 0x62 at offset 4 is not UTF-16LE");
    }

    private void assertFault(byte[] bytes, String fault) {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> TextFile.decode(bytes))
                .withMessage(fault + "; convert the text to UTF-8");
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> TextFile.read(file(bytes)))
                .withMessageStartingWith(folder.resolve("a.txt") + " cannot be read (" + fault);
    }

    @Test
    void whatIsNotAFileIsNamed() {
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> TextFile.read(folder))
                .withMessage(folder + " is a folder");
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> TextFile.read(folder.resolve("none.txt")))
                .withMessage(folder.resolve("none.txt") + " is not there");
    }
}
