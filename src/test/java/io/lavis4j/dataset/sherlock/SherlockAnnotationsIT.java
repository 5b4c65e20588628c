package io.lavis4j.dataset.sherlock;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file of the size of the real one. */
class SherlockAnnotationsIT {

    private static final int RECORDS = 400_000;
    private static final int IMAGES = 100_000;

    @Test
    void fourHundredThousandRecordsLoadWithinOneGibibyteOfHeap(@TempDir Path folder) throws Exception {
        var file = folder.resolve("records.json");
        write(file);

        long start = System.nanoTime();
        var process = new ProcessBuilder(List.of(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xmx1g",
                        "-cp",
                        System.getProperty("java.class.path"),
                        AnnotationsProbe.class.getName(),
                        file.toString()))
                .redirectErrorStream(true)
                .start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output).contains(RECORDS + " records");
        System.out.println("Sherlock annotations of %d MiB: %s".formatted(Files.size(file) >> 20, output.strip()));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMinutes(2));
    }

    private static void write(Path file) throws IOException {
        var random = new SplittableRandom(1);
        try (var out = Files.newBufferedWriter(file)) {
            out.write("[");
            for (int i = 0; i < RECORDS; i++) {
                int image = random.nextInt(IMAGES);
                String url = image % 2 == 0
                        ? "https://cs.stanford.edu/people/rak248/VG_100K/%d.jpg".formatted(image)
                        : "http://s3-us-west-2.amazonaws.com/ai2-rowanz/vcr1images/lsmdc_%1$d_MOVIE/%1$d_MOVIE_00.30.07.390-00.30.09.870@%1$d.jpg"
                                .formatted(image);
                out.write("""
                        %s{"inputs": {"image": {"url": "%s", "width": 1920, "height": 816}, "bboxes": [{"height": %d, "width": 80, "left": 66, "top": 155}%s], "clue": "%s", "confidence": %d.0, "obs_idx": %d}, "targets": {"inference": "%s"}, "instance_id": "%016x%016x"}
                        """.formatted(
                                i == 0 ? "" : ", ",
                                url,
                                random.nextInt(1, 800),
                                i % 3 == 0 ? ", {\"height\": 5, \"width\": 6, \"left\": 7, \"top\": 8}" : "",
                                words(random, 6),
                                1 + i % 3,
                                i % 5,
                                words(random, 12) + (i % 10 == 0 ? " \\u201cso\\u201d" : ""),
                                random.nextLong(),
                                (long) i));
            }
            out.write("]");
        }
    }

    private static String words(SplittableRandom random, int count) {
        var words = new StringBuilder();
        for (int i = 0; i < count; i++) {
            words.append(i == 0 ? "" : " ")
                    .append(Integer.toString(random.nextInt(36 * 36 * 36, 36 * 36 * 36 * 36), 36));
        }
        return words.toString();
    }
}
