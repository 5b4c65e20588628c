package io.lavis4j.dataset.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.config.Section;
import io.lavis4j.dataset.AnnotationException;
import io.lavis4j.dataset.DataLoader;
import io.lavis4j.dataset.EpochBatches;
import io.lavis4j.dataset.LoadedSample;
import io.lavis4j.dataset.LoaderConfig;
import io.lavis4j.dataset.OnBroken;
import io.lavis4j.dataset.Share;
import io.lavis4j.features.ImagePlace;
import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.golden.TestDevice;
import io.lavis4j.image.BrokenImageException;
import io.lavis4j.processor.PixelBuffer;
import io.lavis4j.processor.Processors;
import io.lavis4j.tensor.Tensors;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LibtorchFirst.class)
class StreamSamplesTest {

    @TempDir
    private Path folder = Path.of("");

    @BeforeEach
    void device() {
        TestDevice.assumeAvailable();
    }

    private static LoaderConfig config(int workers, OnBroken onBroken, boolean shuffle) {
        return new LoaderConfig(4, workers, shuffle, false, 42, onBroken, 1);
    }

    private static DataLoader loader(StreamSource source, int workers, OnBroken onBroken) {
        return loader(source, workers, onBroken, Share.WHOLE);
    }

    private static DataLoader loader(StreamSource source, int workers, OnBroken onBroken, Share share) {
        return new DataLoader(source, config(workers, onBroken, true).with(share), TestDevice.device(), null);
    }

    /** Key, text and numbers of each sample, batch by batch. */
    static List<List<String>> contents(EpochBatches batches) {
        var contents = new ArrayList<List<String>>();
        while (batches.hasNext()) {
            try (var batch = batches.next()) {
                float[] pixels = Tensors.floats(batch.image());
                var samples = new ArrayList<String>();
                for (int b = 0; b < batch.size(); b++) {
                    samples.add("%s: %s %.0f %s"
                            .formatted(
                                    batch.instanceIds().get(b),
                                    batch.texts().input().get(b),
                                    pixels[3 * b],
                                    pixels[3 * b + 1]));
                }
                contents.add(samples);
            }
        }
        return contents;
    }

    private static List<Integer> numbers(List<List<String>> contents) {
        return contents.stream()
                .flatMap(List::stream)
                .map(sample -> Integer.valueOf(sample.replaceFirst(".*text (\\d+) .*", "$1")))
                .toList();
    }

    private static List<Integer> upTo(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    @Test
    void everySampleComesOnceAnEpochInTheSameOrderWhateverTheWorkers() {
        var shards = new TestShards(folder).with(11, 1, 20, 9, 5);
        var epochs = new ArrayList<List<List<String>>>();
        for (int workers : new int[] {0, 1, 3, 8}) {
            try (var loader = loader(shards.source(), workers, OnBroken.FAIL)) {
                assertThat(loader.batchesPerEpoch()).isEqualTo(12);
                epochs.add(contents(loader.epoch(0)));
                epochs.add(contents(loader.epoch(1)));
            }
        }
        assertThat(numbers(epochs.get(0))).hasSize(46).containsExactlyInAnyOrderElementsOf(upTo(46));
        assertThat(numbers(epochs.get(1))).containsExactlyInAnyOrderElementsOf(upTo(46));
        assertThat(epochs.get(1)).isNotEqualTo(epochs.get(0));
        for (int i = 2; i < epochs.size(); i++) {
            assertThat(epochs.get(i)).isEqualTo(epochs.get(i % 2));
        }
        assertThat(epochs.get(0).stream().flatMap(List::stream))
                .allSatisfy(
                        sample -> assertThat(sample).matches("0000\\d\\.tar/(\\d+): text \\1 \\1 0\\.\\d+(E-\\d)?"));
        assertThat(epochs.get(0).stream().flatMap(List::stream).map(s -> s.replaceFirst(".* ", "")))
                .as("draws of different samples")
                .doesNotHaveDuplicates();
    }

    @Test
    void aBufferMixesSamplesOfSeveralShards() {
        var shards = new TestShards(folder).with(3, 3, 3, 3);
        try (var loader = loader(shards.source(), 0, OnBroken.FAIL)) {
            var first = numbers(contents(loader.epoch(0)));
            var shardOf = first.stream().map(number -> number / 3).toList();
            assertThat(shardOf)
                    .isNotEqualTo(shardOf.stream()
                            .distinct()
                            .flatMap(s -> IntStream.range(0, 3).mapToObj(i -> s))
                            .toList());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void processesShareTheSamples(int world) {
        var shards = new TestShards(folder).with(6, 6, 6, 6, 6, 6);
        for (int epoch = 0; epoch < 3; epoch++) {
            var all = new ArrayList<Integer>();
            for (int rank = 0; rank < world; rank++) {
                try (var loader = loader(shards.source(), 2, OnBroken.FAIL, new Share(rank, world))) {
                    assertThat(loader.batchesPerEpoch()).isEqualTo(36 / world / 4 + (world == 2 ? 1 : 0));
                    all.addAll(numbers(contents(loader.epoch(epoch))));
                }
            }
            assertThat(all).containsExactlyInAnyOrderElementsOf(upTo(36));
        }
    }

    @Test
    void processesMakeAsManyStepsWhenTheirShardsDiffer() {
        var shards = new TestShards(folder).with(2, 15, 4);
        for (int rank = 0; rank < 2; rank++) {
            try (var loader = loader(shards.source(), 1, OnBroken.FAIL, new Share(rank, 2))) {
                assertThat(contents(loader.epoch(0)).stream()
                                .mapToInt(List::size)
                                .sum())
                        .isEqualTo(10);
            }
        }
        assertThatThrownBy(() -> loader(shards.source(), 1, OnBroken.FAIL, new Share(0, 4)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("shards: 4 processes share 3 shards, expected one or more for each; write smaller shards");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3})
    void anEpochResumesAtAnyBatchWithoutDecodingWhatWasBefore(int workers) {
        var shards = new TestShards(folder).with(9, 4, 12);
        try (var loader = loader(shards.source(60), workers, OnBroken.FAIL)) { // more than two passes
            var whole = contents(loader.epoch(2));
            assertThat(whole).hasSize(15);
            for (int first : new int[] {0, 1, 7, 14, 15}) {
                shards.images.set(0);
                assertThat(contents(loader.epoch(2, first))).isEqualTo(whole.subList(first, 15));
                assertThat(shards.images).hasValue(4 * (15 - first));
            }
        }
    }

    @Test
    void withoutShufflingShardsAndSamplesComeInTheirOrder() {
        var shards = new TestShards(folder).with(3, 5);
        try (var loader = new DataLoader(shards.source(), config(2, OnBroken.FAIL, false), TestDevice.device(), null)) {
            assertThat(numbers(contents(loader.epoch(3)))).isEqualTo(upTo(8));
        }
    }

    @Test
    void aShardThatIsCutOffGivesWhatIsWholeOrAnErrorThatNamesIt() throws IOException {
        var shards = new TestShards(folder).with(4, 6, 4);
        var shard = shards.shards().get(1);
        byte[] bytes = Files.readAllBytes(shard);
        Files.write(shard, Arrays.copyOf(bytes, 3 * 2048 + 1024 + 100)); // within the text of its fourth sample
        for (int workers : new int[] {0, 2}) {
            try (var loader = loader(shards.source(11), workers, OnBroken.SKIP)) {
                assertThat(numbers(contents(loader.epoch(0))))
                        .containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 10, 11, 12, 13);
                assertThat(loader.brokenSamples()).isEqualTo(1);
            }
            try (var loader = loader(shards.source(11), workers, OnBroken.FAIL)) {
                assertThatThrownBy(() -> contents(loader.epoch(0)))
                        .isInstanceOf(AnnotationException.class)
                        .hasMessageContainingAll(shard.toString(), "is not a whole tar file", "after key 7");
            }
        }
    }

    @Test
    void aSampleWithoutImageOrTextIsLeftOutOrNamed() {
        var shards = new TestShards(folder);
        shards.add(new TestShards.Tar()
                .sample(0)
                .member("1.png", TestShards.png(1))
                .member("2.txt", "text 2")
                .sample(3)
                .member("4.png", TestShards.png(4))
                .member("4.jpg", TestShards.png(4))
                .member("4.txt", "text 4"));
        try (var loader = loader(shards.source(2), 1, OnBroken.SKIP)) {
            assertThat(numbers(contents(loader.epoch(0)))).containsExactlyInAnyOrder(0, 3);
            assertThat(loader.brokenSamples()).isEqualTo(3);
        }
        assertThat(ShardIndex.read(shards.shards().get(0)).faults())
                .hasSize(3)
                .satisfiesExactly(
                        fault -> assertThat(fault).contains("00000.tar, key 1: lacks a text (txt or json)"),
                        fault -> assertThat(fault).contains("00000.tar, key 2: lacks an image"),
                        fault -> assertThat(fault).contains("00000.tar, key 4: has more than one image"));
        try (var loader = loader(shards.source(2), 1, OnBroken.FAIL)) {
            assertThatThrownBy(() -> contents(loader.epoch(0)))
                    .isInstanceOf(AnnotationException.class)
                    .hasMessageContaining("00000.tar, key 1: lacks a text");
        }
    }

    @Test
    void anImageThatCannotBeDecodedIsReplacedByOneOfItsShard() {
        var shards = new TestShards(folder).with(5);
        shards.add(new TestShards.Tar().sample(10).member("11.jpg", "no image").member("11.txt", "text 11"));
        for (int workers : new int[] {0, 3}) {
            try (var loader = loader(shards.source(7), workers, OnBroken.SKIP)) {
                assertThat(numbers(contents(loader.epoch(0)))).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 10, 10);
                assertThat(loader.brokenSamples()).isEqualTo(1);
            }
        }
        try (var loader = loader(shards.source(7), 1, OnBroken.FAIL)) {
            assertThatThrownBy(() -> contents(loader.epoch(0)))
                    .isInstanceOf(BrokenImageException.class)
                    .hasMessageContainingAll("key 11 of ", "00001.tar: its image: is a text and not an image");
        }
    }

    @Test
    void wordsMayBeTheCaptionOfJson() {
        var shards = new TestShards(folder);
        shards.add(new TestShards.Tar()
                .member("a.json", "{\"caption\": \"text 1\", \"url\": \"x\"}")
                .member("a.txt", "text 7")
                .member("a.png", TestShards.png(1))
                .member("b.png", TestShards.png(2))
                .member("b.json", "{\"caption\": \" text 2\\n\"}")
                .member("c.png", TestShards.png(3))
                .member("c.json", "{\"caption\": null}"));
        try (var loader = loader(shards.source(3), 0, OnBroken.SKIP)) {
            assertThat(numbers(contents(loader.epoch(0))))
                    .hasSize(3)
                    .contains(1, 2)
                    .doesNotContain(3, 7);
        }
        try (var loader = loader(shards.source(3), 0, OnBroken.FAIL)) {
            assertThatThrownBy(() -> contents(loader.epoch(0)))
                    .isInstanceOf(BrokenImageException.class)
                    .hasMessageContainingAll("key c of ", "its json has no text under caption, but null");
        }
    }

    @Test
    void wordsThatAreNotUtf8MakeABrokenSample() {
        var shards = new TestShards(folder);
        shards.add(new TestShards.Tar()
                .sample(1)
                .member("latin.png", TestShards.png(2))
                .member("latin.txt", "text 2 caf\u00e9 ".getBytes(StandardCharsets.ISO_8859_1))
                .member("marked.png", TestShards.png(3))
                .member("marked.txt", "\ufefftext 3")
                .member("json.png", TestShards.png(4))
                .member("json.json", "{\"caption\": \"text 4 caf\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1)));
        try (var loader = loader(shards.source(4), 1, OnBroken.SKIP)) {
            assertThat(numbers(contents(loader.epoch(0))))
                    .hasSize(4)
                    .contains(1, 3)
                    .doesNotContain(2, 4);
            assertThat(loader.brokenSamples()).isEqualTo(2);
        }
        assertThat(problem(shards, "latin")).contains("its txt cannot be read (byte 0xE9 at offset 10 is not UTF-8");
        assertThat(problem(shards, "json")).contains("its json cannot be read (byte 0xE9 at offset 23 is not UTF-8");
    }

    @Test
    void theJsonOfASampleMayHoldNaNAndItsFaultsAreNamed() {
        var shards = new TestShards(folder);
        shards.add(new TestShards.Tar()
                .member("nan.png", TestShards.png(1))
                .member("nan.json", "\ufeff{\"similarity\": NaN, \"caption\": \"text 1\", \"punsafe\": -Infinity}\r\n")
                .member("cut.png", TestShards.png(2))
                .member("cut.json", "{\"caption\": \"text 2\"")
                .member("number.png", TestShards.png(3))
                .member("number.json", "{\"caption\": NaN}")
                .member("half.png", TestShards.png(4))
                .member("half.json", "{\"caption\": \"text 4 \\ud83d\"}"));
        try (var loader = loader(shards.source(4), 1, OnBroken.SKIP)) {
            assertThat(numbers(contents(loader.epoch(0)))).containsOnly(1);
            assertThat(loader.brokenSamples()).isEqualTo(3);
        }
        assertThat(problem(shards, "cut")).endsWith("its json cannot be read (it ends in the middle)");
        assertThat(problem(shards, "number")).endsWith("its json has no text under caption, but NaN");
        assertThat(problem(shards, "half")).contains("its json has no text under caption");
    }

    /** What is said of a sample of the only shard. */
    private static String problem(TestShards shards, String key) {
        var config = config(0, OnBroken.SKIP, false);
        var problems = new ArrayList<String>();
        var loads = new StreamSamples(shards.source(4), config).epoch(0, 0, null);
        loads.forEachRemaining(
                load -> load.into(ImagePlace.of(PixelBuffer.of(FloatBuffer.allocate(3)))).broken().stream()
                        .map(LoadedSample.Broken::problem)
                        .filter(problem -> problem.startsWith("key " + key + " of "))
                        .forEach(problems::add));
        return problems.get(0);
    }

    @Test
    void shardsWithoutAnySampleAreNotReadForEver() throws IOException {
        var shards = new TestShards(folder);
        var shard = shards.add(new TestShards.Tar().member("1.txt", "text 1"));
        shards.add(new TestShards.Tar());
        Files.writeString(shards.add(new TestShards.Tar()), "this is not a tar file".repeat(100));
        try (var loader = loader(shards.source(3), 2, OnBroken.SKIP)) {
            assertThatThrownBy(() -> contents(loader.epoch(0)))
                    .isInstanceOf(AnnotationException.class)
                    .hasMessageContainingAll(
                            "none of the 3 shards has a whole sample:\n  ",
                            shard + ", key 1: lacks an image",
                            "00002.tar: is not a whole tar file");
        }
        Files.delete(shard);
        try (var loader = loader(shards.source(3), 0, OnBroken.SKIP)) {
            assertThatThrownBy(() -> contents(loader.epoch(0))).isInstanceOf(AnnotationException.class);
        }
    }

    @Test
    void shardsWithoutAnySampleSayWhyWhenTheyAreOpened() {
        var shards = new TestShards(folder);
        shards.add(new TestShards.Tar().member("img 2.0 (1).jpg", "image").member("img 2.0 (1).txt", "words"));
        shards.add(new TestShards.Tar().folder("a"));
        var section = Section.root(Map.of("build_info", Map.of("storage", "{00000..00001}.tar")));
        var config = WebDatasetConfig.read("own", section, Processors.read(section), folder);
        assertThatThrownBy(() -> StreamSource.open(config))
                .isInstanceOf(AnnotationException.class)
                .hasMessageStartingWith("data set own: none of the 2 shards has a whole sample:\n  " + folder)
                .hasMessageContainingAll(
                        "00000.tar, key img 2: lacks an image (jpg, png, webp, gif, bmp or tif), has only 0 (1).jpg, 0 (1).txt;",
                        "00001.tar: has no files of samples, expected KEY.jpg beside KEY.txt or KEY.json");
    }

    @Test
    void aStreamLeavesNoPointersBehind() {
        var shards = new TestShards(folder).with(9, 9);
        try (var loader = loader(shards.source(), 2, OnBroken.FAIL)) {
            contents(loader.epoch(0));
            long pointers = Pointer.totalCount();
            contents(loader.epoch(1));
            loader.epoch(2).next().close();
            loader.epoch(3).close();
            assertThat(Pointer.totalCount()).isEqualTo(pointers);
        }
    }
}
