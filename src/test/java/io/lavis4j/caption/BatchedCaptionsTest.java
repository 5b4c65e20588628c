package io.lavis4j.caption;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lavis4j.dataset.Share;
import io.lavis4j.generate.GenerationConfig;
import io.lavis4j.golden.LibtorchFirst;
import io.lavis4j.image.Regions;
import io.lavis4j.model.CaptionGenerator;
import io.lavis4j.task.Captioner;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.zoo.ModelAndPreprocess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The bundled models write the same in batches as of each image alone. */
@ExtendWith(LibtorchFirst.class)
class BatchedCaptionsTest {

    private static final Path DRAWN = Path.of("src/test/resources/sherlock_mini/vg");
    private static final List<String> PROMPTS = List.of("", "someone", "someone who", "red");

    /** How much the model makes of its random queries, so that texts differ by image. */
    private static final double LOUD = 200;

    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @CsvSource({
        "blip2_opt, opt_proj.weight",
        "blip2_t5_instruct, t5_proj.weight",
    })
    void captionsOfBatchesAreThoseOfSingleImages(String arch, String weight) throws IOException {
        RandomState.seed(5);
        try (var loaded = ModelAndPreprocess.load(arch, "small", Devices.cpu())) {
            var model = loaded.as(CaptionGenerator.class);
            amplify(model, weight);
            var captioner = new Captioner(
                    model,
                    loaded.visProcessors().eval(),
                    GenerationConfig.lavis().withNumBeams(3).withMaxLength(14).withMinLength(8));
            var file = folder.resolve("captions.jsonl");
            try (var out = RowFile.json(file, BulkRun.SETTINGS, false)) {
                var options = new BulkOptions(5, 2, Share.WHOLE, PROMPTS, List.of());
                var tally = new BulkCaptioner(captioner, options)
                        .run(List.of(CaptionInput.of(DRAWN)), null, System.in, out, (done, total) -> {});
                assertThat(tally.captioned()).isEqualTo(20);
            }
            assertThat(distinct(file, captioner))
                    .as("texts that differ by image")
                    .hasSizeGreaterThan(PROMPTS.size());
        }
    }

    private static void amplify(CaptionGenerator model, String weight) {
        try (var scope = new PointerScope();
                var noGrad = new NoGradGuard()) {
            Objects.requireNonNull(model.module().namedParameters().get(weight)).mul_(Tensors.scalar(LOUD));
        }
    }

    private static Set<String> distinct(Path file, Captioner captioner) throws IOException {
        var distinct = new HashSet<String>();
        for (String line : Files.readAllLines(file)) {
            var row = new ObjectMapper().readTree(line);
            String caption = row.get("caption").asText();
            assertThat(captioner.caption(
                            Path.of(row.get("image").asText()),
                            Regions.NONE,
                            row.get("prompt").asText()))
                    .as("%s", row)
                    .containsExactly(caption);
            distinct.add(caption);
        }
        return distinct;
    }
}
