package io.lavis4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.golden.Golden;
import io.lavis4j.tensor.Devices;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model by architecture and type alone. */
class LoadedModelTest {

    private static final String QUERIES = "query_tokens";

    @TempDir
    Path folder;

    private PointerScope scope;

    @BeforeEach
    void openScope() {
        scope = new PointerScope();
    }

    @AfterEach
    void freeTensors() {
        scope.close();
    }

    /** A checkpoint of the small model, whose query tokens are ones. */
    private Path checkpoint(String leftOut) {
        try (var loaded = LoadedModel.load(ModelZoo.BLIP2_OPT, "small", Devices.cpu())) {
            var state = new LinkedHashMap<String, Tensor>(loaded.model().trainableStateDict());
            state.put(QUERIES, torch.ones(Golden.get(state, QUERIES).shape()));
            state.remove(leftOut);
            var file = folder.resolve("tiny.pth");
            Checkpoints.write(file, Map.of("model", state));
            return file;
        }
    }

    @Test
    void aTypeIsLoadedInTrainModeWithEveryValue() {
        try (var loaded = LoadedModel.load(ModelZoo.BLIP2_OPT, "small", Devices.cpu())) {
            assertThat(loaded.model().unsetParameters()).isEmpty();
            assertThat(loaded.model().isTraining()).isTrue();
            assertThat(loaded.report().missing()).contains(QUERIES);
        }
    }

    @Test
    void aCheckpointByItsPathComesOverTheTypesWeights() {
        var file = checkpoint("");
        try (var loaded = LoadedModel.load(ModelZoo.BLIP2_OPT, "small", Devices.cpu(), file)) {
            var queries = Golden.get(loaded.model().stateDict(), QUERIES);
            Golden.assertClose(QUERIES, queries, torch.ones(queries.shape()), 0, 0);
            assertThat(loaded.report()
                            .steps()
                            .get(loaded.report().steps().size() - 1)
                            .file())
                    .isEqualTo(file);
        }
    }

    @Test
    void aCheckpointThatLacksWhatIsTrainedOrIsNotThereIsAnError() {
        var file = checkpoint("opt_proj.weight");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LoadedModel.load(ModelZoo.BLIP2_OPT, "small", Devices.cpu(), file))
                .withMessageContaining("opt_proj.weight");
        var nowhere = folder.resolve("nowhere.pth");
        assertThatThrownBy(() -> LoadedModel.load(ModelZoo.BLIP2_OPT, "small", Devices.cpu(), nowhere))
                .hasMessageContaining("nowhere.pth")
                .hasMessageContaining("no such file");
    }
}
