package io.lavis4j.dataset.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.dataset.DataLoader;
import io.lavis4j.dataset.LoaderConfig;
import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.golden.TestDevice;
import io.lavis4j.processor.BlipInstruction;
import io.lavis4j.processor.InstructionExamples;
import io.lavis4j.processor.InstructionTemplates;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LibtorchFirst.class)
class InstructedShardsTest {

    @TempDir
    private Path folder = Path.of("");

    @Test
    void captionsAnswerWhatATextProcessorAsks() {
        TestDevice.assumeAvailable();
        var shards = new TestShards(folder).with(3, 5);
        var plain = shards.source();
        var asks = new BlipInstruction(
                BlipInstruction.Task.CAPTION, "", 50, InstructionTemplates.bundled(), InstructionExamples.NONE);
        var source = new StreamSource(
                plain.name(),
                plain.shards(),
                plain.samples(),
                plain.shuffleBuffer(),
                plain.imageProcessor(),
                asks,
                plain.pipeline(),
                plain.random());
        var inputs = new ArrayList<String>();
        var outputs = new ArrayList<String>();
        try (var loader = new DataLoader(source, LoaderConfig.evaluation(4, 0), TestDevice.device(), null);
                var batches = loader.epoch(0)) {
            while (batches.hasNext()) {
                try (var batch = batches.next()) {
                    inputs.addAll(batch.texts().input());
                    outputs.addAll(batch.texts().output());
                }
            }
        }
        assertThat(outputs)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 8).mapToObj(i -> "text " + i).toList());
        assertThat(inputs).hasSize(8).allMatch(InstructionTemplates.bundled().caption()::contains);
        assertThat(inputs.stream().distinct()).hasSizeGreaterThan(2);
    }
}
