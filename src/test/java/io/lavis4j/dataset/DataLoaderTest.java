package io.lavis4j.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.golden.TestDevice;
import io.lavis4j.image.BrokenImageException;
import io.lavis4j.processor.SeededSampleRandom;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LibtorchFirst.class)
class DataLoaderTest {

    private static final int PIXELS = 3 * TestImages.SIZE * TestImages.SIZE;

    @BeforeEach
    void device() {
        TestDevice.assumeAvailable();
    }

    /** The content of a batch. */
    record Content(List<Float> pixels, List<String> texts, List<@Nullable String> prompts, List<String> ids) {}

    static DataLoader loader(TestImages images, LoaderConfig config) {
        return new DataLoader(images.source(), config, TestDevice.device());
    }

    static LoaderConfig config(int batchSize, int workers, OnBroken onBroken, double share) {
        return new LoaderConfig(batchSize, workers, true, false, 42, onBroken, share);
    }

    static List<Content> contents(EpochBatches batches) {
        var contents = new ArrayList<Content>();
        while (batches.hasNext()) {
            try (var batch = batches.next()) {
                var pixels = new ArrayList<Float>();
                for (float pixel : Tensors.floats(batch.image())) {
                    pixels.add(pixel);
                }
                contents.add(new Content(pixels, batch.texts().input(), batch.prompts(), batch.instanceIds()));
            }
        }
        return contents;
    }

    @ParameterizedTest
    @EnumSource
    void aBatchHasThePrecisionThatItsLoaderIsToldOf(Precision precision) {
        var single = config(4, 2, OnBroken.FAIL, 0);
        var config = new LoaderConfig(4, 2, true, false, 42, OnBroken.FAIL, 0, precision, Share.WHOLE);
        try (var expected = loader(new TestImages(9), single);
                var actual = loader(new TestImages(9), config);
                var scope = new PointerScope()) {
            assertThat(single.imagePrecision()).isEqualTo(Precision.FP32);
            var batches = expected.epoch(0);
            var rounded = actual.epoch(0);
            while (batches.hasNext()) {
                try (var batch = batches.next();
                        var other = rounded.next()) {
                    assertThat(torch.equal(other.image(), batch.image().to(precision.dtype())))
                            .isTrue();
                    assertThat(Tensors.dtype(other.image())).isEqualTo(precision.dtype());
                }
            }
        }
    }

    @Test
    void aBatchHoldsItsSamplesInOrder() {
        try (var loader = loader(new TestImages(5), LoaderConfig.evaluation(2, 2));
                var batches = loader.epoch(0)) {
            assertThat(loader.batchesPerEpoch()).isEqualTo(3);
            try (var batch = batches.next()) {
                assertThat(batch.size()).isEqualTo(2);
                assertThat(batch.image().shape()).containsExactly(2, 3, TestImages.SIZE, TestImages.SIZE);
                assertThat(Tensors.dtype(batch.image())).isEqualTo(ScalarType.Float);
                assertThat(batch.image().device().equals(TestDevice.device())).isTrue();
                assertThat(batch.texts().input()).containsExactly("text 0", "text 1");
                assertThat(batch.prompts()).containsExactly("prompt 0", null);
                assertThat(batch.instanceIds()).containsExactly("id0", "id1");
                assertThat(batch.references()).containsExactly(List.of("reference 0"), List.of("reference 1"));
                float[] pixels = Tensors.floats(batch.image());
                for (int i = 0; i < 2; i++) {
                    for (int j = 0; j < PIXELS - 1; j++) {
                        assertThat(pixels[i * PIXELS + j]).isEqualTo(i);
                    }
                    assertThat(pixels[(i + 1) * PIXELS - 1])
                            .isEqualTo((float) SeededSampleRandom.of(0, 0, i).uniform(0, 1));
                }
            }
            batches.next().close();
            try (var last = batches.next()) {
                assertThat(last.instanceIds()).containsExactly("id4");
            }
            assertThat(batches.hasNext()).isFalse();
            assertThatThrownBy(batches::next).isInstanceOf(NoSuchElementException.class);
        }
    }

    @Test
    void batchesDependOnNeitherWorkersNorTiming() {
        List<List<Content>> epochs = new ArrayList<>();
        for (int workers : new int[] {0, 1, 8}) {
            var images = new TestImages(83, 3, 50, 77);
            try (var loader = loader(images, config(5, workers, OnBroken.SKIP, 1))) {
                epochs.add(contents(loader.epoch(0)));
                epochs.add(contents(loader.epoch(1)));
            }
            assertThat(images.threads).hasSize(Math.max(1, workers));
            assertThat(images.threads.contains(Thread.currentThread().getName()))
                    .isEqualTo(workers == 0);
        }

        assertThat(epochs.get(2)).isEqualTo(epochs.get(0));
        assertThat(epochs.get(4)).isEqualTo(epochs.get(0));
        assertThat(epochs.get(3)).isEqualTo(epochs.get(1));
        assertThat(epochs.get(5)).isEqualTo(epochs.get(1));
        assertThat(epochs.get(1)).isNotEqualTo(epochs.get(0));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3})
    void anEpochResumesAtAnyBatch(int workers) {
        try (var loader = loader(new TestImages(23, 4), config(4, workers, OnBroken.SKIP, 1))) {
            var whole = contents(loader.epoch(2));
            for (int first = 0; first <= whole.size(); first++) {
                assertThat(contents(loader.epoch(2, first))).isEqualTo(whole.subList(first, whole.size()));
            }
            assertThatThrownBy(() -> loader.epoch(2, whole.size() + 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("from 0 to 6, got 7");
        }
    }

    @Test
    void trainingLeavesOutTheLastSmallerBatch() {
        try (var loader = loader(new TestImages(11), LoaderConfig.training(4, 2, 1))) {
            assertThat(loader.batchesPerEpoch()).isEqualTo(2);
            assertThat(contents(loader.epoch(0)))
                    .hasSize(2)
                    .allMatch(batch -> batch.ids().size() == 4);
        }
        assertThatThrownBy(() -> loader(new TestImages(3), LoaderConfig.training(4, 2, 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("gives 3 samples per epoch, too few for a batch of 4");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void aBrokenImageIsNamedWhereItsBatchIsDue(int workers) {
        try (var loader = loader(new TestImages(9, 5), LoaderConfig.evaluation(2, workers));
                var batches = loader.epoch(0)) {
            batches.next().close();
            batches.next().close();
            assertThatThrownBy(batches::next)
                    .isInstanceOf(BrokenImageException.class)
                    .hasMessage("sample 5 of numbers (instance_id id5): file 5 is not an image");
            assertThat(batches.hasNext()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void anyOtherFailureNamesItsSampleToo(int workers) {
        try (var loader = loader(new TestImages(4).failingAt(1), LoaderConfig.evaluation(2, workers));
                var batches = loader.epoch(0)) {
            assertThatThrownBy(batches::next)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("sample 1 of numbers (instance_id id1): a defect")
                    .hasCauseInstanceOf(ArithmeticException.class);
        }
    }

    @Test
    void aBrokenImageIsReplacedByASampleOfTheSet() {
        try (var loader = loader(new TestImages(4, 2), config(4, 2, OnBroken.SKIP, 0))) {
            for (int epoch = 0; epoch < 30; epoch++) { // one in four is broken, but one image ends no run
                var ids = contents(loader.epoch(epoch)).get(0).ids();
                assertThat(ids).hasSize(4).doesNotContain("id2").contains("id0", "id1", "id3");
            }
            assertThat(loader.brokenSamples()).isEqualTo(1);
        }
    }

    @Test
    void tooManyBrokenImagesEndTheRun() {
        var broken = IntStream.range(0, 100).filter(i -> i % 5 == 0).boxed().toArray(Integer[]::new);
        try (var loader = loader(new TestImages(100, broken), config(10, 2, OnBroken.SKIP, 0.1))) {
            assertThatThrownBy(() -> contents(loader.epoch(0)))
                    .isInstanceOf(BrokenImageException.class)
                    .hasMessageContaining("11 of the ")
                    .hasMessageContaining("more than the share of 0.1");
        }
        try (var loader = loader(new TestImages(100, broken), config(10, 2, OnBroken.SKIP, 0.9))) {
            contents(loader.epoch(0));
            assertThat(loader.brokenSamples()).isEqualTo(20);
        }
    }

    @Test
    void aSetWithoutImagesIsNotSearchedForEver() {
        var images = new TestImages(3, 0, 1, 2);
        try (var loader = loader(images, config(1, 0, OnBroken.SKIP, 1))) {
            assertThatThrownBy(() -> contents(loader.epoch(0)))
                    .isInstanceOf(BrokenImageException.class)
                    .hasMessageContaining("21 samples in a row");
            assertThat(images.loads).hasValue(21);
        }
    }

    @Test
    void nothingIsLoadedBeforeItIsAskedForAndLittleAhead() {
        var images = new TestImages(1000);
        try (var loader = loader(images, LoaderConfig.evaluation(10, 4));
                var batches = loader.epoch(0)) {
            assertThat(images.loads).hasValue(0);
            batches.next().close();
            batches.close();
            assertThat(images.loads.get()).isBetween(10, 30);
        }
    }

    @Test
    void anAbandonedEpochLeavesNothingRunningAndNothingAllocated() {
        var images = new TestImages(400).slow(2_000_000);
        long pointers = 0;
        try (var loader = loader(images, LoaderConfig.evaluation(8, 8))) {
            for (int epoch = 0; epoch < 5; epoch++) {
                var batches = loader.epoch(epoch); // ends the one before
                batches.next().close();
                if (epoch == 1) {
                    pointers = Pointer.totalCount();
                }
            }
            assertThat(Pointer.totalCount()).isEqualTo(pointers);
        }
        int loads = images.loads.get();
        assertThat(loads).isLessThanOrEqualTo(5 * 4 * 8);
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        assertThat(images.loads).hasValue(loads);
        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> thread.getName().startsWith("loader-"))
                .allMatch(thread -> thread.getState() != Thread.State.RUNNABLE);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4})
    void epochsLeaveNoPointersBehind(int workers) {
        try (var loader = loader(new TestImages(40), config(8, workers, OnBroken.FAIL, 0))) {
            contents(loader.epoch(0));
            contents(loader.epoch(1));
            long pointers = Pointer.totalCount();
            for (int epoch = 2; epoch < 8; epoch++) {
                contents(loader.epoch(epoch));
            }
            assertThat(Pointer.totalCount()).isEqualTo(pointers);
        }
    }

    @Test
    void aScopeOfTheConsumerFreesNoBatchAhead() {
        try (var loader = loader(new TestImages(64), LoaderConfig.evaluation(4, 2));
                var batches = loader.epoch(0)) {
            for (int i = 0; i < 16; i++) {
                try (var step = new PointerScope();
                        var batch = batches.next()) {
                    assertThat(Tensors.floats(batch.image())[PIXELS]).isEqualTo(4 * i + 1);
                }
            }
        }
    }

    @Test
    void theOrderMayBeThatOfTheReference() {
        var images = new TestImages(10);
        var order = EpochOrder.torchPermutation(10).ofRank(new Share(1, 2));
        try (var loader = new DataLoader(images.source(), order, LoaderConfig.evaluation(5, 1), TestDevice.device())) {
            assertThat(contents(loader.epoch(0)).get(0).ids()).containsExactly("id1", "id5", "id9", "id8", "id2");
        }
    }

    @Test
    void aClosedLoaderLoadsNothing() {
        var loader = loader(new TestImages(4), LoaderConfig.evaluation(2, 1));
        var batches = loader.epoch(0);
        loader.close();

        assertThat(batches.hasNext()).isFalse();
        assertThatThrownBy(() -> loader.epoch(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void anInterruptedConsumerIsTold() {
        try (var loader = loader(new TestImages(8).slow(50_000_000), LoaderConfig.evaluation(4, 1));
                var batches = loader.epoch(0)) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(batches::next)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("interrupted");
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void configurationsAreChecked() {
        assertThatThrownBy(() -> new LoaderConfig(0, 0, false, false, 0, OnBroken.FAIL, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("batch size must be at least 1, got 0");
        assertThatThrownBy(() -> new LoaderConfig(1, -1, false, false, 0, OnBroken.FAIL, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("workers must be 0 or more, got -1");
        assertThatThrownBy(() -> new LoaderConfig(1, 0, false, false, 0, OnBroken.FAIL, 1.5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("from 0 to 1, got 1.5");
    }
}
