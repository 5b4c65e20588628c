package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.config.Configuration;
import io.lavis4j.fakecuda.FakeCuda;
import io.lavis4j.fakecuda.OnFakeCuda;
import io.lavis4j.fixture.CocoVqaFixture;
import io.lavis4j.task.RunListener;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Questions are learned and answered on a GPU. */
@OnFakeCuda
class VqaRunsOnCudaTest {

    @TempDir
    private Path folder = Path.of("");

    private JobConfig config(String method, boolean evaluate) {
        return JobConfig.read(Configuration.load(
                "finetune/vqa_coco.yaml",
                List.of(
                        "data_root=" + folder,
                        "model.model_type=small",
                        "model.freeze_vit=False",
                        "datasets.coco_vqa.vis_processor.train.image_size=84",
                        "datasets.coco_vqa.vis_processor.eval.image_size=84",
                        "run.output_dir=" + folder.resolve("runs"),
                        "run.inference_method=" + method,
                        "run.num_ans_candidates=3",
                        "run.max_epoch=1",
                        "run.warmup_steps=1",
                        "run.batch_size_train=4",
                        "run.batch_size_eval=2",
                        "run.evaluate=" + evaluate),
                name -> null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rank", "generate"})
    void anEvaluationKeepsNoBlock(String method) {
        CocoVqaFixture.write(folder);
        try (var job = Job.open(config(method, true));
                var runner = job.runner(RunListener.silent())) {
            var directory = job.newDirectory();
            assertThat(runner.evaluate(directory, List.of("val"), "0")).containsOnlyKeys("val");
            long before = FakeCuda.blocks();
            runner.evaluate(directory, List.of("val"), "1");
            assertThat(FakeCuda.blocks()).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rank", "generate"})
    void aRunEndsWithItsResults(String method) {
        CocoVqaFixture.write(folder);
        try (var job = Job.open(config(method, false))) {
            assertThat(job.train(RunListener.silent()).result()).isDirectoryContaining("glob:**val_epoch0.json");
        }
    }
}
