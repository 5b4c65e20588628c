package io.lavis4j.dataset;

import static io.lavis4j.dataset.DataLoaderTest.config;
import static io.lavis4j.dataset.DataLoaderTest.contents;
import static io.lavis4j.dataset.DataLoaderTest.loader;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.golden.TestDevice;
import io.lavis4j.model.Losses;
import io.lavis4j.model.Texts;
import io.lavis4j.model.TrainableModel.Prepared;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The work of workers beside decoding, and its time: the next epoch, tokens, their end. */
@ExtendWith(LibtorchFirst.class)
class LoaderWorkersTest {

    @BeforeEach
    void device() {
        TestDevice.assumeAvailable();
    }

    @Test
    void theNextEpochIsLoadedWhileTheLastBatchesAreUsed() {
        var images = new TestImages(12);
        try (var loader = loader(images, LoaderConfig.evaluation(4, 2))) {
            var batches = loader.epoch(0);
            loader.expect(1);
            batches.next().close();
            batches.next().close();
            batches.next().close();
            waitForLoads(images, 20);
            assertThat(images.loads)
                    .as("three batches and two of the next epoch")
                    .hasValue(20);
            var next = loader.epoch(1);
            assertThat(batches.hasNext()).isFalse();
            try (var batch = next.next()) {
                assertThat(batch.instanceIds()).containsExactly("id0", "id1", "id2", "id3");
            }
            waitForLoads(images, 24);
            next.close();
            assertThat(images.loads).as("nothing was loaded twice").hasValue(24);
        }
    }

    @Test
    void anotherEpochThanTheExpectedIsTheRightOneAndLeavesNothingBehind() {
        try (var loader = loader(new TestImages(12), config(4, 2, OnBroken.FAIL, 0))) {
            var expected = contents(loader.epoch(5));
            long pointers = Pointer.totalCount();
            for (int first = 0; first < 3; first++) {
                var batches = loader.epoch(0);
                loader.expect(1);
                assertThat(contents(batches)).hasSize(3);
                assertThat(contents(loader.epoch(5, first))).isEqualTo(expected.subList(first, 3));
                assertThat(Pointer.totalCount()).isEqualTo(pointers);
            }
            var batches = loader.epoch(4);
            loader.expect(5);
            contents(batches);
            assertThat(contents(loader.epoch(5))).isEqualTo(expected);
        }
    }

    @Test
    void closingFreesTheEpochThatWasExpectedToo() {
        long pointers = 0;
        for (int i = 0; i < 3; i++) {
            var loader = loader(new TestImages(12), config(4, 2, OnBroken.FAIL, 0));
            var batches = loader.epoch(0);
            loader.expect(1);
            contents(batches);
            loader.close();
            loader.close();
            pointers = i == 0 ? Pointer.totalCount() : pointers;
        }
        assertThat(Pointer.totalCount()).isEqualTo(pointers);
    }

    private static void waitForLoads(TestImages images, int loads) {
        long end = System.nanoTime() + 5_000_000_000L;
        while (images.loads.get() < loads && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    /** Texts in nobody's form. */
    private static final class NeverLearned implements Prepared {

        @Override
        public Losses loss(Tensor image) {
            throw new AssertionError("only loaded here");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3})
    void textsArePreparedWhereTheyAreLoaded(int workers) {
        var threads = ConcurrentHashMap.<String>newKeySet();
        var prepared = new ConcurrentHashMap<Prepared, Texts>();
        Function<Texts, Prepared> prepare = texts -> {
            threads.add(Thread.currentThread().getName());
            Prepared result = new NeverLearned();
            prepared.put(result, texts);
            return result;
        };
        try (var loader = new DataLoader(
                        List.of(new TestImages(30, 4).source()),
                        config(4, workers, OnBroken.SKIP, 1),
                        TestDevice.device(),
                        prepare);
                var batches = loader.epoch(0)) {
            while (batches.hasNext()) {
                try (var batch = batches.next()) {
                    var texts = prepared.get(Objects.requireNonNull(batch.prepared()));
                    assertThat(Objects.requireNonNull(texts).input())
                            .isEqualTo(batch.texts().input())
                            .hasSize(batch.size());
                }
            }
        }
        assertThat(threads).allMatch(name -> name.startsWith("loader-") == workers > 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void aFailureToPrepareTextsReachesTheConsumer(int workers) {
        try (var loader = new DataLoader(
                        List.of(new TestImages(8).source()),
                        config(4, workers, OnBroken.SKIP, 1),
                        TestDevice.device(),
                        texts -> {
                            throw new IllegalArgumentException("no such token");
                        });
                var batches = loader.epoch(0)) {
            assertThatThrownBy(batches::next)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("no such token");
            assertThat(batches.hasNext()).isFalse();
        }
    }

    @Test
    void closingEndsTheWorkersWhateverTheyAreAt() {
        var before = loaderThreads();
        var loader = loader(new TestImages(64).slow(5_000_000), LoaderConfig.evaluation(8, 3));
        loader.epoch(0).next().close();
        loader.expect(1);
        assertThat(loaderThreads()).hasSizeGreaterThan(before.size());

        loader.close();

        long end = System.nanoTime() + 10_000_000_000L;
        while (!before.containsAll(loaderThreads()) && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertThat(before).containsAll(loaderThreads());
    }

    private static Set<Thread> loaderThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("loader-"))
                .collect(Collectors.toSet());
    }
}
