package io.lavis4j.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.golden.TestDevice;
import io.lavis4j.image.BrokenImageException;
import io.lavis4j.processor.SeededSampleRandom;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several data sets: one after the other, or mixed batch by batch. */
@ExtendWith(LibtorchFirst.class)
class MixedLoaderTest {

    @BeforeEach
    void device() {
        TestDevice.assumeAvailable();
    }

    private static LoaderConfig config(int workers) {
        return new LoaderConfig(2, workers, true, true, 42, OnBroken.SKIP, 1);
    }

    private static DataLoader loader(TestImages images, int workers) {
        return new DataLoader(images.source(), config(workers), TestDevice.device());
    }

    private static MixedLoader mixed(int workers, Double... ratios) {
        return new MixedLoader(
                List.of(
                        loader(new TestImages(7).named("a"), workers),
                        loader(new TestImages(20, 3).named("b"), workers),
                        loader(new TestImages(5).named("c"), workers)),
                List.of(ratios),
                1,
                SeededSampleRandom::of);
    }

    /** The keys and drawn pixels of each batch. */
    private static List<String> contents(EpochBatches batches) {
        var contents = new ArrayList<String>();
        while (batches.hasNext()) {
            try (var batch = batches.next()) {
                float[] pixels = Tensors.floats(batch.image());
                contents.add(batch.instanceIds() + " " + pixels[pixels.length - 1]);
            }
        }
        return contents;
    }

    private static DataLoader concatenated(int workers, OnBroken onBroken, TestImages... sets) {
        return new DataLoader(
                List.of(sets).stream().map(TestImages::source).toList(),
                new LoaderConfig(2, workers, true, false, 42, onBroken, 1),
                TestDevice.device(),
                null);
    }

    @Test
    void concatenatedDataSetsAreOneListOfSamples() {
        try (var loader = concatenated(
                2,
                OnBroken.FAIL,
                new TestImages(0).named("none"),
                new TestImages(3).named("a"),
                new TestImages(0).named("nothing"),
                new TestImages(4).named("b"))) {
            assertThat(loader.batchesPerEpoch()).isEqualTo(4);
            var ids = new ArrayList<String>();
            try (var batches = loader.epoch(0)) {
                batches.forEachRemaining(batch -> {
                    ids.addAll(batch.instanceIds());
                    batch.close();
                });
            }
            assertThat(ids).containsExactlyInAnyOrder("a0", "a1", "a2", "b0", "b1", "b2", "b3");
            assertThat(ids)
                    .as("shuffled together")
                    .isNotEqualTo(ids.stream().sorted().toList());
        }
    }

    @Test
    void samplesOfConcatenatedDataSetsDrawDifferentNumbers() {
        try (var loader = concatenated(0, OnBroken.FAIL, new TestImages(3).named("a"), new TestImages(3).named("b"));
                var batches = loader.epoch(0)) {
            var drawn = new HashSet<Float>();
            batches.forEachRemaining(batch -> {
                float[] pixels = Tensors.floats(batch.image());
                drawn.add(pixels[pixels.length / 2 - 1]);
                drawn.add(pixels[pixels.length - 1]);
                batch.close();
            });
            assertThat(drawn).hasSize(6);
        }
    }

    @Test
    void whatReplacesABrokenSampleIsOfItsDataSetAndTheSameWhateverTheWorkers() {
        var epochs = new ArrayList<List<String>>();
        for (int workers : new int[] {0, 1, 8}) {
            try (var loader = concatenated(
                    workers, OnBroken.SKIP, new TestImages(30, 0, 1, 2, 3).named("a"), new TestImages(2).named("b"))) {
                epochs.add(contents(loader.epoch(3)));
                assertThat(loader.brokenSamples()).isEqualTo(4);
            }
        }
        assertThat(epochs.get(1)).isEqualTo(epochs.get(0));
        assertThat(epochs.get(2)).isEqualTo(epochs.get(0));
        var all = String.join(" ", epochs.get(0));
        assertThat(all.split("b[01]", -1))
                .as("each of b once, and none for one of a")
                .hasSize(3);
    }

    @Test
    void aBrokenSampleOfAConcatenatedDataSetIsNamedByIt() {
        try (var loader =
                concatenated(1, OnBroken.FAIL, new TestImages(3).named("a"), new TestImages(3, 1).named("b"))) {
            assertThatThrownBy(() -> contents(loader.epoch(0)))
                    .isInstanceOf(BrokenImageException.class)
                    .hasMessage("sample 1 of b (instance_id b1): file 1 is not an image");
        }
    }

    @Test
    void concatenatedDataSetsNeedOneImageSize() {
        var large = new TestImages(3).named("large").ofSize(8);
        assertThatThrownBy(() -> concatenated(0, OnBroken.FAIL, new TestImages(3).named("a"), large))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("data sets a+large are trained together, expected images of one size");
    }

    @Test
    void batchesAreOfOneDataSetByTheRatios() {
        try (var loader = mixed(0, 1.0, 6.0, 3.0)) {
            assertThat(loader.batchesPerEpoch()).isEqualTo(3 + 10 + 2);
            int[] counts = new int[3];
            for (int epoch = 0; epoch < 100; epoch++) {
                for (String batch : contents(loader.epoch(epoch))) {
                    assertThat(batch).matches("\\[([abc])\\d+, \\1\\d+] .*");
                    counts[batch.charAt(1) - 'a']++;
                }
            }
            assertThat(counts[0] / 1500.0).isCloseTo(0.1, within(0.03));
            assertThat(counts[1] / 1500.0).isCloseTo(0.6, within(0.04));
            assertThat(counts[2] / 1500.0).isCloseTo(0.3, within(0.04));
        }
    }

    @Test
    void aDataSetsEpochsFollowOneAnotherInTheMixture() {
        try (var loader = mixed(2, 1.0, 1.0, 1.0);
                var alone = loader(new TestImages(20, 3).named("b"), 0)) {
            var mixed = new ArrayList<String>();
            IntStream.range(0, 6).forEach(epoch -> mixed.addAll(contents(loader.epoch(epoch))));
            var expected = new ArrayList<String>();
            IntStream.range(0, 6).forEach(epoch -> expected.addAll(contents(alone.epoch(epoch))));
            var ofB = mixed.stream().filter(batch -> batch.startsWith("[b")).toList();
            assertThat(ofB).hasSizeGreaterThan(20).isEqualTo(expected.subList(0, ofB.size()));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3})
    void aMixtureResumesAtAnyBatchWhateverTheWorkers(int workers) {
        try (var first = mixed(0, 1.0, 2.0, 1.0)) {
            contents(first.epoch(0));
            var whole = contents(first.epoch(1));
            for (int begin = 0; begin <= whole.size(); begin++) {
                try (var other = mixed(workers, 1.0, 2.0, 1.0)) {
                    assertThat(contents(other.epoch(1, begin))).isEqualTo(whole.subList(begin, whole.size()));
                }
            }
            first.epoch(1).next().close();
            assertThat(contents(first.epoch(1, 4))).isEqualTo(whole.subList(4, whole.size()));
        }
    }

    @Test
    void aMixtureLeavesNoPointersBehind() {
        try (var loader = mixed(2, 1.0, 1.0, 1.0)) {
            contents(loader.epoch(0));
        }
        long pointers = Pointer.totalCount();
        try (var loader = mixed(2, 1.0, 1.0, 1.0)) {
            contents(loader.epoch(0));
            loader.epoch(1).next().close();
        }
        assertThat(Pointer.totalCount()).isEqualTo(pointers);
    }

    @Test
    void ratiosAreChecked() {
        assertThatThrownBy(() -> mixed(0, 1.0, 2.0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("one ratio for each");
        assertThatThrownBy(() -> mixed(0, 1.0, 0.0, 1.0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ratios must be above 0, got [1.0, 0.0, 1.0]");
    }
}
