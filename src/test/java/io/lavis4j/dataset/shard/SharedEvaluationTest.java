package io.lavis4j.dataset.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.dataset.DataLoader;
import io.lavis4j.dataset.LoaderConfig;
import io.lavis4j.dataset.Share;
import io.lavis4j.golden.TestDevice;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shards that several processes evaluate. */
class SharedEvaluationTest {

    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 9})
    void eachProcessHasTheBatchesOfItsTurns(int world) {
        TestDevice.assumeAvailable();
        var shards = new TestShards(folder).with(5, 2, 10);
        var whole = contents(shards, Share.WHOLE);
        assertThat(whole).hasSize(5);
        for (int rank = 0; rank < world; rank++) {
            int own = rank;
            assertThat(contents(shards, new Share(rank, world)))
                    .isEqualTo(IntStream.range(0, whole.size())
                            .filter(batch -> batch % world == own)
                            .mapToObj(whole::get)
                            .toList());
        }
    }

    private static List<List<String>> contents(TestShards shards, Share share) {
        var config = LoaderConfig.evaluation(4, 2).with(share);
        try (var loader = new DataLoader(shards.source(), config, TestDevice.device(), null)) {
            return StreamSamplesTest.contents(loader.epoch(0));
        }
    }
}
