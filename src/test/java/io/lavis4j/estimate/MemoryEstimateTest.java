package io.lavis4j.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lavis4j.config.Configuration;
import io.lavis4j.runner.JobConfig;
import io.lavis4j.zoo.WeightFiles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryEstimateTest {

    private static final String SHERLOCK = "finetune/caption_sherlock.yaml";
    private static final double MEBI = 1 << 20;
    private static final double TOLERANCE = 0.02;

    private static MemoryEstimate estimate(String file, String... options) {
        var config = JobConfig.withoutData(Configuration.load(file, Arrays.asList(options), name -> null));
        return MemoryEstimate.of(config, true, WeightFiles.in(List.of()));
    }

    private static Pass training(MemoryEstimate estimate) {
        return Objects.requireNonNull(estimate.training());
    }

    /** Peaks of the allocator in the third step, 364 px, texts of 32 tokens, mixed precision. */
    @ParameterizedTest
    @CsvSource({
        "16, 13659, ''",
        "32, 16994, ''",
        "48, 20199, ''",
        "8, 10086, model.vit_precision=fp16",
        "32, 15026, model.vit_precision=fp16",
        "64, 21487, model.vit_precision=fp16",
        "1, 22130, model.freeze_vit=False model.use_grad_checkpoint=True",
        "4, 22280, model.freeze_vit=False model.use_grad_checkpoint=True",
        "1, 22120, model.freeze_vit=False model.use_grad_checkpoint=False",
        "2, 23078, model.freeze_vit=False model.use_grad_checkpoint=False",
        "4, 17209, model.vit_precision=fp16 model.model_type=caption_coco_opt6.7b",
        "16, 20630, model.vit_precision=fp16 model.model_type=caption_coco_opt6.7b"
    })
    void trainingNeedsWhatWasMeasured(int batchSize, double mebibytes, String settings) {
        var options = new ArrayList<>(List.of("run.batch_size_train=" + batchSize));
        options.addAll(settings.isEmpty() ? List.of() : List.of(settings.split(" ")));
        double found = training(estimate(SHERLOCK, options.toArray(String[]::new)))
                        .peak()
                        .bytes()
                / MEBI;
        assertThat(found / mebibytes).isCloseTo(1, within(TOLERANCE));
    }

    @ParameterizedTest
    @CsvSource({"8, 10238", "32, 13007"})
    void captionsNeedWhatWasMeasured(int batchSize, double mebibytes) {
        var estimate =
                estimate("evaluate/caption_sherlock.yaml", "model.finetuned=x", "run.batch_size_eval=" + batchSize);
        double found = estimate.evaluation().peak().bytes() / MEBI;
        assertThat(estimate.training()).isNull();
        assertThat(found / mebibytes).isCloseTo(1, within(TOLERANCE));
    }
}
