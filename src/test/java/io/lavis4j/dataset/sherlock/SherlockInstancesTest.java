package io.lavis4j.dataset.sherlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.image.Box;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SherlockInstancesTest {

    private static final String INSTANCE = """
            {"image": {"url": "https://x/VG_100K/%d.jpg", "width": 500, "height": 333.0},
             "region": [{"height": 86, "width": 170, "left": %d, "top": -1}],
             "inference": "%s", "test_id": "%s", "extra_info": {"task": "comparison"}}""";

    @TempDir
    private Path folder = Path.of("");

    private SherlockInstances read(String... instances) {
        return readText("[" + String.join(",\n", instances) + "]");
    }

    private SherlockInstances readText(String content) {
        try {
            return SherlockInstances.read(Files.writeString(folder.resolve("comparison_instances.json"), content));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void instancesAreGatheredByImageAndRegion() {
        var instances = read(
                INSTANCE.formatted(1, 0, "it rains", "d"),
                INSTANCE.formatted(1, 5, "it rains", "c"),
                INSTANCE.formatted(2, 0, "it rains", "b"),
                INSTANCE.formatted(1, 0, "it will rain", "a"));
        assertThat(instances.size()).isEqualTo(4);
        assertThat(instances.candidates())
                .containsExactly(
                        new SherlockCandidates(
                                "https://x/VG_100K/1.jpg",
                                500,
                                333,
                                List.of(new Box(0, -1, 170, 86)),
                                List.of("it rains", "it will rain"),
                                List.of("d", "a")),
                        new SherlockCandidates(
                                "https://x/VG_100K/1.jpg",
                                500,
                                333,
                                List.of(new Box(5, -1, 170, 86)),
                                List.of("it rains"),
                                List.of("c")),
                        new SherlockCandidates(
                                "https://x/VG_100K/2.jpg",
                                500,
                                333,
                                List.of(new Box(0, -1, 170, 86)),
                                List.of("it rains"),
                                List.of("b")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '\0',
            value = {
                "\"it rains\" ~ \" \" ~ inference is \" \", expected a text that is not blank",
                "\"t2\" ~ \"t1\" ~ instance 1 (test_id t1): test_id is t1, expected one of its own",
                "\"width\": 500 ~ \"width\": 0 ~ width is 0, expected a number of pixels from 1 to 1000000000",
                "\"left\": 3 ~ \"left\": \"3\" ~ left is \"3\", expected a number of pixels from -1000000000",
                "\"left\": 3 ~ \"left\": NaN ~ left is NaN, expected a number of pixels from -1000000000",
                "\"width\": 500 ~ \"width\": Infinity ~ width is Infinity, expected a number of pixels from 1",
                "\"it rains\" ~ \"\\ud83d\" ~ without half surrogate pairs",
                "\"top\": -1 ~ \"top_\": -1 ~ top is missing, expected a number",
                "\"region\" ~ \"regions\" ~ instance 2 (test_id t2): region is missing, expected a list of one or more",
                "/VG_100K/ ~ /../ ~ image.url is https://x/../2.jpg, expected a URL without",
            })
    void faultyInstancesAreNamed(String found, String replacement, String because) {
        String faulty = INSTANCE.formatted(2, 3, "it rains", "t2").replace(found.strip(), replacement.strip());
        assertThatExceptionOfType(AnnotationException.class)
                .isThrownBy(() -> read(INSTANCE.formatted(1, 0, "it rains", "t1"), faulty))
                .withMessageStartingWith(folder.resolve("comparison_instances.json") + ": instance ")
                .withMessageContaining(because.replace("instance 2", "instance 1"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '\0',
            value = {
                "{} ~ line 1, column 1: found '{' at the start; expected a JSON list of instances",
                "[] ~ the list has no instances",
                "[{ ~ it ends in the middle; expected a JSON list of instances",
                "[3] ~ instance 0: test_id is missing",
            })
    void whatIsNoListOfInstancesIsRefused(String content, String because) {
        assertThatExceptionOfType(AnnotationException.class)
                .isThrownBy(() -> readText(content))
                .withMessageContaining(because);
    }

    @Test
    void nanInAFurtherFieldDoesNoHarm() {
        assertThat(read(INSTANCE.formatted(1, 0, "it rains", "d").replace("\"comparison\"", "NaN"))
                        .size())
                .isEqualTo(1);
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        assertThatExceptionOfType(AnnotationException.class)
                .isThrownBy(() -> SherlockInstances.read(folder.resolve("none.json")))
                .withMessageContaining("none.json is not there");
    }
}
