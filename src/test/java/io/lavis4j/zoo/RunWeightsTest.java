package io.lavis4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lavis4j.golden.Golden;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.model.blip2.Blip2OptConfig;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.RandomState;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The checkpoint of a run over a model that began without one. */
class RunWeightsTest {

    private static final TinyNames FROM_SCRATCH = new TinyNames(null, null, "facebook/opt-tiny", null);

    @TempDir
    Path temp;

    private PointerScope scope;
    private TinyFiles files;

    @BeforeEach
    void writeFiles() {
        scope = new PointerScope();
        files = TinyFiles.in(temp).writeAll();
        RandomState.seed(0);
    }

    @AfterEach
    void freeTensors() {
        scope.close();
    }

    private LoadedModel<Blip2Opt> load(Blip2OptConfig config, Path run) {
        return files.loader().load(FROM_SCRATCH.type(config), Devices.cpu(), run);
    }

    /** What a run with this configuration saves, every value of it changed by training. */
    private Map<String, Tensor> trained(Blip2OptConfig config) {
        try (var loaded = files.load(config, FROM_SCRATCH)) {
            var state = loaded.model().module().trainableStateDict();
            state.replaceAll((name, value) -> value.detach().add(new Scalar(1)));
            return state;
        }
    }

    @Test
    void whatTheRunTrainedIsNotMissing() {
        var trained = trained(files.config(28, false, Precision.FP32));
        var run = files.checkpoint(trained);
        try (var loaded = load(files.config(28, false, Precision.FP32), run)) {
            assertThat(loaded.report().missing()).isEmpty();
            assertThat(loaded.report().toString()).doesNotContain("initialised");
            assertThat(loaded.report().steps())
                    .extracting(LoadingReport.Step::part)
                    .containsExactly("language model", "run");
            trained.forEach((name, value) ->
                    Golden.assertClose(name, Golden.get(loaded.model().stateDict(), name), value, 0, 0));
        }
    }

    @Test
    void whatTheRunLeftAsItBeganIsStillSaidToBeInitialised() {
        var frozen = files.config(28, true, Precision.FP32);
        RandomState.seed(0);
        var run = files.checkpoint(trained(frozen));
        RandomState.seed(0);
        try (var begun = files.load(frozen, FROM_SCRATCH)) {
            RandomState.seed(0);
            try (var loaded = load(frozen, run)) {
                assertThat(loaded.report().missing())
                        .contains("visual_encoder.pos_embed")
                        .allMatch(name -> name.startsWith("visual_encoder."));
                assertThat(loaded.report().toString()).endsWith("; the missing are initialised");
                String name = "visual_encoder.blocks.0.attn.qkv.weight";
                Golden.assertClose(
                        name,
                        Golden.get(loaded.model().stateDict(), name),
                        Golden.get(begun.model().stateDict(), name),
                        0,
                        0);
            }
        }
    }

    @Test
    void aRunThatLacksWhatIsTrainedIsRefused() {
        var trained = trained(files.config(28, false, Precision.FP32));
        trained.remove("query_tokens");
        var run = files.checkpoint(trained);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> load(files.config(28, false, Precision.FP32), run))
                .withMessageContainingAll(run.toString(), "1 missing [query_tokens]");
    }
}
