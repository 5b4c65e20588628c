package io.lavis4j.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.config.Configuration;
import io.lavis4j.nn.Init;
import io.lavis4j.task.RunListener;
import io.lavis4j.tensor.Tensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs of BLIP-2 that end because something is not finite. */
class NonFiniteRunTest {

    private static final RunListener SILENT = new RunListener() {
        @Override
        public void step(Progress progress) {}

        @Override
        public void end(Progress progress) {}
    };

    @TempDir
    private Path outputs = Path.of("");

    private Job job(String... more) {
        var options = new ArrayList<>(List.of(
                "data_root=src/test/resources/sherlock_mini",
                "run.output_dir=" + outputs,
                "run.device=cpu",
                "run.max_epoch=1",
                "run.batch_size_train=8",
                "run.valid_splits=[]"));
        options.addAll(List.of(more));
        return Job.open(
                JobConfig.read(Configuration.load("finetune/caption_sherlock_mini.yaml", options, name -> null)));
    }

    private static Tensor parameter(Job job, String name) {
        return Objects.requireNonNull(job.model().module().namedParameters().get(name), name);
    }

    @Test
    void theLayerThatOverflowsIsNamed() {
        try (var job = job()) {
            Init.constant(parameter(job, "visual_encoder.blocks.1.mlp.fc1.weight"), 3e38);
            assertThatThrownBy(() -> job.train(SILENT))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("step 1 of epoch 0 is not finite in loss: the output of"
                            + " visual_encoder.blocks.1.mlp.fc1, whose parameter is"
                            + " visual_encoder.blocks.1.mlp.fc1.weight, (");
        }
    }

    @Test
    void theLayerThatOverflowsIsNamedWhereFeaturesAreKept() {
        try (var job = job("model.freeze_vit=True", "run.cache_vision_features=memory", "run.cache_vision_views=1")) {
            Init.constant(parameter(job, "visual_encoder.blocks.1.mlp.fc1.weight"), 3e38);
            assertThatThrownBy(() -> job.train(SILENT))
                    .hasMessageStartingWith("step 1 of epoch 0 is not finite in loss: the output of"
                            + " visual_encoder.blocks.1.mlp.fc1, whose parameter is");
        }
    }

    @Test
    void aParameterThatIsNotFiniteIsNamedAndTheOthersStay() {
        try (var job = job();
                var scope = new PointerScope()) {
            var broken = "Qformer.bert.encoder.layer.0.attention.self.query.weight";
            parameter(job, broken).detach().view(-1).select(0, 0).fill_(Tensors.scalar(Double.NaN));
            float[] before = Tensors.floats(parameter(job, "opt_proj.weight"));
            assertThatThrownBy(() -> job.train(SILENT))
                    .hasMessageStartingWith("step 1 of epoch 0 is not finite in loss: parameter " + broken + " is not");
            assertThat(Tensors.floats(parameter(job, "opt_proj.weight"))).isEqualTo(before);
        }
    }
}
