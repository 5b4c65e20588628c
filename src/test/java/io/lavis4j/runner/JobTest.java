package io.lavis4j.runner;

import static io.lavis4j.fixture.Mappings.isMapped;
import static org.assertj.core.api.Assertions.assertThat;

import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.config.Configuration;
import io.lavis4j.golden.Golden;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobTest {

    @Test
    void aModelThatIsNotTrainedStaysInItsCheckpoint(@TempDir Path folder) throws IOException {
        var config = JobConfig.withoutData(
                Configuration.load("finetune/caption_folder_small.yaml", List.of("run.device=cpu"), name -> null));
        var checkpoint = folder.resolve("checkpoint_best.pth");
        try (var job = Job.withoutData(config)) {
            Checkpoints.write(checkpoint, Map.of("model", job.model().module().trainableStateDict()));
        }

        try (var job = Job.withoutData(config, checkpoint)) {
            var weight = Golden.get(job.model().module().stateDict(), "opt_proj.weight");
            assertThat(weight.requires_grad()).isTrue();
            assertThat(isMapped(weight, checkpoint)).isTrue();
        }
    }
}
