package io.lavis4j.metric.sherlock;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyArrayTest {

    /** A file of two zeros, or of as many bytes, under any header. */
    private static byte[] file(String header, int bytes) {
        String padded = header + " ".repeat(Math.floorMod(-(10 + header.length() + 1), 64)) + "\n";
        byte[] file =
                Arrays.copyOf(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}, 10 + padded.length() + bytes);
        file[8] = (byte) padded.length();
        file[9] = (byte) (padded.length() >> 8);
        System.arraycopy(padded.getBytes(ISO_8859_1), 0, file, 10, padded.length());
        return file;
    }

    private static void assertRefused(byte[] content, String... because) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NpyArray.parse("scores.npy", content))
                .withMessageStartingWith("scores.npy ")
                .withMessageContaining("expected what np.save makes of a one-dimensional array of float32 or float64")
                .satisfies(e -> assertThat(e.getMessage()).contains(because));
    }

    @Test
    void singleNumbersComeBack() {
        float[] values = {1.5f, -0f, Float.MIN_VALUE, 0.1f, Float.NEGATIVE_INFINITY, Float.NaN};
        var array = NpyArray.parse("a", NpyArray.float32(values).bytes());
        assertThat(array.dtype()).isEqualTo("float32");
        assertThat(array.length()).isEqualTo(6);
        for (int i = 0; i < values.length; i++) {
            assertThat((float) array.value(i)).isEqualTo(Float.valueOf(values[i]));
        }
        assertThat(array.firstNaN()).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 9, 10, 99_999})
    void doubleNumbersComeBack(int length) {
        double[] values = new double[length];
        Arrays.setAll(values, i -> Math.sin(i) * 1e100);
        byte[] bytes = NpyArray.float64(values).bytes();
        assertThat((bytes.length - 8 * length) % 64).isZero();
        var array = NpyArray.parse("a", bytes);
        assertThat(array.dtype()).isEqualTo("float64");
        assertThat(array.length()).isEqualTo(length);
        for (int i = 0; i < length; i++) {
            assertThat(array.value(i)).isEqualTo(values[i]);
        }
    }

    @Test
    void theHeaderIsNumPysOwn() {
        byte[] bytes = NpyArray.float32(new float[] {1, 2}).bytes();
        assertThat(bytes).hasSize(128 + 8);
        assertThat(new String(bytes, 10, 118, ISO_8859_1))
                .isEqualTo("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }" + " ".repeat(60) + "\n");
    }

    @Test
    void keysMayStandInAnyOrder() {
        var array = NpyArray.parse("a", file("{'shape': (2,), 'descr': '<f8', 'fortran_order': True}", 16));
        assertThat(array.length()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "'|O' ~ holds Python objects (dtype |O), which are programs and are not run",
                "[('a', 'O')] ~ holds Python objects",
                "[('a', '<f4')] ~ has dtype",
                "'>f4' ~ has dtype >f4, not <f4 (float32) or <f8 (float64)",
                "'<i8' ~ has dtype <i8",
                "'<f2' ~ has dtype <f2",
                "'|S8' ~ has dtype |S8",
            },
            quoteCharacter = '\0')
    void otherTypesAreRefused(String descr, String because) {
        assertRefused(
                file("{'descr': %s, 'fortran_order': False, 'shape': (1,), }".formatted(descr.strip()), 8), because);
    }

    @ParameterizedTest
    @ValueSource(strings = {"()", "(1, 1)", "(-1,)", "(1)", "(9999999999999999999,)"})
    void otherShapesAreRefused(String shape) {
        assertRefused(
                file("{'descr': '<f8', 'fortran_order': False, 'shape': %s, }".formatted(shape), 8),
                "has shape " + shape + ", not one dimension");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "{'descr': '<f8', 'fortran_order': False}",
                "{'descr': '<f8', 'fortran_order': 0, 'shape': (1,), }",
                "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'more': 1}",
                "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), } + exit()",
                "__import__('os').system('true')"
            })
    void malformedHeadersAreRefused(String header) {
        assertRefused(file(header, 8), "has a malformed header");
    }

    @Test
    void filesOfAnotherLengthAreRefused() {
        String one = "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }";
        assertRefused(file(one, 7), "has 7 bytes of numbers, but its header announces 1 numbers of 8");
        assertRefused(file(one, 9), "has 9 bytes of numbers");
        assertRefused(
                file("{'descr': '<f8', 'fortran_order': False, 'shape': (999999999999999999,), }", 8),
                "announces 999999999999999999 numbers");
        assertRefused(Arrays.copyOf(file(one, 8), 40), "breaks off in its header: 40 bytes of 128");
    }

    @Test
    void otherFilesAreRefused() {
        assertRefused(new byte[0], "is not a .npy file: 0 bytes");
        assertRefused("[0.5, 0.25, 1.0]".getBytes(ISO_8859_1), "is not a .npy file");
        byte[] later = NpyArray.float32(new float[1]).bytes();
        later[6] = 3;
        assertRefused(later, "has version 3.0 of the format, not 1.0");
    }
}
