package io.lavis4j.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lavis4j.dataset.sherlock.SherlockPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickstartCorpusTest {

    private static final QuickstartCorpus SMALL = new QuickstartCorpus(12, 36, 5);

    @TempDir
    Path temp;

    private static List<JsonNode> records(Path annotations) throws IOException {
        return StreamSupport.stream(
                        new ObjectMapper().readTree(annotations.toFile()).spliterator(), false)
                .toList();
    }

    private static Set<String> fields(JsonNode node) {
        var names = new HashSet<String>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }

    @Test
    void recordsHaveEveryFieldOfTheRealFormat() throws IOException {
        var root = temp.resolve("corpus");
        SMALL.drawInto(root);
        var train = records(root.resolve("sherlock_dataset/sherlock_train_v1_1.json"));
        var val = records(root.resolve("sherlock_dataset/sherlock_val_with_split_idxs_v1_1.json"));
        assertThat(train)
                .hasSize(24)
                .allSatisfy(record ->
                        assertThat(fields(record)).containsExactlyInAnyOrder("inputs", "targets", "instance_id"));
        assertThat(val)
                .hasSize(72)
                .allSatisfy(record -> assertThat(fields(record))
                        .containsExactlyInAnyOrder("inputs", "targets", "instance_id", "split_idx"));
        var ids = new HashSet<String>();
        for (var record : List.of(train, val).stream().flatMap(List::stream).toList()) {
            var inputs = record.get("inputs");
            assertThat(fields(inputs)).containsExactlyInAnyOrder("image", "bboxes", "clue", "confidence", "obs_idx");
            assertThat(fields(inputs.get("image"))).containsExactlyInAnyOrder("url", "width", "height");
            assertThat(fields(inputs.get("bboxes").get(0))).containsExactlyInAnyOrder("height", "width", "left", "top");
            assertThat(inputs.get("confidence").isDouble()).isTrue();
            assertThat(inputs.get("confidence").asDouble()).isBetween(1.0, 3.0);
            assertThat(record.get("instance_id").asText()).matches("[0-9a-f]{32}");
            ids.add(record.get("instance_id").asText());
        }
        assertThat(ids).hasSize(96);
    }

    @Test
    void imagesLieWhereTheirUrlsSayAndHaveTheDeclaredSize() throws IOException {
        var root = temp.resolve("corpus");
        SMALL.drawInto(root);
        var folders = new HashSet<String>();
        for (var record : records(QuickstartCorpus.validationFile(root))) {
            var image = record.at("/inputs/image");
            String[] parts = image.get("url").asText().split("/", -1);
            int n = parts.length;
            boolean vcr = parts[n - 3].equals("vcr1images");
            var file = root.resolve(vcr ? "vcr1images" : "vg/images")
                    .resolve(parts[n - 2])
                    .resolve(parts[n - 1]);
            folders.add(vcr ? "vcr" : parts[n - 2]);
            assertThat(new SherlockPaths(List.of(root)).file(image.get("url").asText()))
                    .isEqualTo(file);
            var drawn = ImageIO.read(file.toFile());
            assertThat(List.of(drawn.getWidth(), drawn.getHeight()))
                    .containsExactly(
                            image.get("width").asInt(), image.get("height").asInt());
            var box = record.at("/inputs/bboxes/0");
            assertThat(box.get("left").asInt()).isNotNegative();
            assertThat(box.get("top").asInt()).isNotNegative();
            assertThat(box.get("left").asInt() + box.get("width").asInt()).isLessThan(drawn.getWidth());
            assertThat(box.get("top").asInt() + box.get("height").asInt()).isLessThan(drawn.getHeight());
        }
        assertThat(folders).containsExactlyInAnyOrder("vcr", "VG_100K", "VG_100K_2");
    }

    @Test
    void theSameSeedDrawsTheSameFiles() throws IOException {
        SMALL.drawInto(temp.resolve("first"));
        SMALL.drawInto(temp.resolve("second"));
        new QuickstartCorpus(12, 36, 6).drawInto(temp.resolve("other"));
        assertThat(contents(temp.resolve("second"))).isEqualTo(contents(temp.resolve("first")));
        assertThat(contents(temp.resolve("other")).values())
                .doesNotContainAnyElementsOf(contents(temp.resolve("first")).values());
    }

    private static Map<String, String> contents(Path root) throws IOException {
        var contents = new HashMap<String, String>();
        try (var files = Files.walk(root)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                contents.put(
                        root.relativize(file).toString(),
                        java.util.HexFormat.of().formatHex(Files.readAllBytes(file)));
            }
        }
        return contents;
    }

    @Test
    void aQuarterOfTheValidationPairsIsNeverTrainedOn() {
        var train = pairs(Scenes.training(1000, 7));
        var val = pairs(Scenes.validation(288, 7));
        assertThat(val)
                .hasSize(36)
                .allSatisfy((pair, count) -> assertThat(count).isEqualTo(16));
        assertThat(train).hasSize(27).allSatisfy((pair, count) -> {
            assertThat(pair.isHeldOut()).isFalse();
            assertThat(count).isGreaterThan(20);
        });
        assertThat(val.keySet()).containsAll(train.keySet());
    }

    private static Map<Pair, Long> pairs(List<Scene> scenes) {
        return scenes.stream()
                .flatMap(scene -> scene.objects().stream().map(scene::pair))
                .collect(Collectors.groupingBy(pair -> pair, Collectors.counting()));
    }

    @Test
    void theTwoObjectsOfAnImageDifferInColourAndDoNotTouch() {
        assertThat(Scenes.training(500, 3)).allSatisfy(scene -> {
            var left = scene.objects().get(0);
            var right = scene.objects().get(1);
            assertThat(left.colour()).isNotEqualTo(right.colour());
            assertThat(left.left() + left.side()).isLessThan(right.left() + right.margin());
            assertThat(left.x() + left.radius()).isLessThan(right.x() - right.radius());
        });
    }

    @Test
    void pixelsAreTheSameEverywhere() {
        int hash = 0;
        for (var scene : Scenes.validation(36, 1)) {
            hash = 31 * hash + java.util.Arrays.hashCode(scene.paint());
        }
        assertThat(hash).isEqualTo(-519160135);
    }

    @Test
    void aCompleteCorpusIsUsedAgain() throws IOException {
        var root = temp.resolve("deep/corpus");
        SMALL.drawInto(root);
        var written = Files.getLastModifiedTime(QuickstartCorpus.trainingFile(root));
        SMALL.drawInto(root);
        assertThat(Files.getLastModifiedTime(QuickstartCorpus.trainingFile(root)))
                .isEqualTo(written);
        try (var left = Files.list(root.resolveSibling("."))) {
            assertThat(left).hasSize(1); // nothing temporary
        }
    }

    @Test
    void aFolderWithSomethingElseIsNotTouched() throws IOException {
        var root = temp.resolve("corpus");
        SMALL.drawInto(root);
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> QuickstartCorpus.ofSeed(5).drawInto(root))
                .withMessageContaining("\"train_pictures\":12")
                .withMessageContaining("delete the folder or name another");
        var mine = Files.createDirectories(temp.resolve("mine"));
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> SMALL.drawInto(mine))
                .withMessageContaining("holds no drawn corpus");
        assertThat(mine).isEmptyDirectory();
    }

    @Test
    void aSplitNeedsAnImage() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new QuickstartCorpus(0, 1, 1))
                .withMessageContaining("got 0 and 1");
    }
}
