package io.lavis4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lavis4j.golden.Golden;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.tensor.RandomState;
import io.lavis4j.tensor.Tensors;
import java.nio.file.Path;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models some parts of which start from no file. */
class FromScratchTest {

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

    private LoadedModel<Blip2Opt> load(@Nullable String vision, @Nullable String bert, @Nullable String checkpoint) {
        return files.load(files.config(), new TinyNames(vision, bert, "facebook/opt-tiny", checkpoint));
    }

    private static void assertFromFiles(TinyFiles files, LoadedModel<Blip2Opt> loaded, String prefix) {
        assertThat(loaded.report().missing()).noneMatch(name -> name.startsWith(prefix));
        Golden.under(prefix, files.all())
                .forEach((name, value) ->
                        Golden.assertClose(name, Golden.get(loaded.model().stateDict(), prefix + name), value, 0, 0));
    }

    private static double std(LoadedModel<Blip2Opt> loaded, String name) {
        return Golden.get(loaded.model().stateDict(), name).detach().std(true).item_double();
    }

    @Test
    void onlyTheLanguageModelHasToComeFromAFile() {
        try (var loaded = load(null, null, null)) {
            assertThat(loaded.model().unsetParameters()).isEmpty();
            assertThat(loaded.report().steps())
                    .extracting(LoadingReport.Step::part)
                    .containsExactly("language model");
            assertFromFiles(files, loaded, "opt_model.");
            assertThat(loaded.report().missing())
                    .contains(
                            "visual_encoder.pos_embed",
                            "visual_encoder.blocks.0.attn.qkv.weight",
                            "Qformer.bert.encoder.layer.0.attention.self.query.weight",
                            "query_tokens",
                            "opt_proj.weight");
            assertThat(std(loaded, "visual_encoder.blocks.0.attn.qkv.weight")).isCloseTo(0.02, Offset.offset(0.002));
            assertThat(std(loaded, "Qformer.bert.encoder.layer.0.attention.self.query.weight"))
                    .isCloseTo(0.02, Offset.offset(0.004));
            assertThat(Tensors.floats(Golden.get(loaded.model().stateDict(), "visual_encoder.blocks.1.norm1.weight")))
                    .containsOnly(1);
        }
    }

    @Test
    void theSameSeedInitialisesTheSameModel() {
        try (var first = load(null, null, null)) {
            RandomState.seed(0);
            try (var second = load(null, null, null)) {
                first.model()
                        .stateDict()
                        .forEach((name, value) -> Golden.assertClose(
                                name, Golden.get(second.model().stateDict(), name), value, 0, 0));
            }
        }
    }

    @Test
    void aQFormerFromScratchLeavesTheVisionEncoderAlone() {
        try (var loaded = load("eva_vit_g.pth", null, null)) {
            assertFromFiles(files, loaded, "visual_encoder.");
            assertThat(loaded.report().missing()).contains("Qformer.bert.encoder.layer.0.attention.self.query.weight");
        }
    }

    @Test
    void aVisionEncoderFromScratchLeavesTheQFormerAlone() {
        try (var loaded = load(null, "bert-base-uncased", null)) {
            assertThat(loaded.report().missing())
                    .contains("visual_encoder.cls_token")
                    .doesNotContain("Qformer.bert.encoder.layer.0.attention.self.query.weight");
        }
    }

    @Test
    void aCheckpointOfTheWholeModelFillsIt() {
        files.checkpoint(files.all());
        try (var loaded = load(null, null, "tiny.pth")) {
            assertThat(loaded.report().missing()).isEmpty();
            files.all()
                    .forEach((name, value) ->
                            Golden.assertClose(name, Golden.get(loaded.model().stateDict(), name), value, 0, 0));
        }
    }

    @Test
    void aCheckpointMustHaveThePartsThatNoFileHas() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> load(null, null, "tiny.pth")) // saved without its vision encoder
                .withMessageContaining("no file has a value for visual_encoder.")
                .withMessageContaining("expected in " + temp.resolve("tiny.pth"));
        var state = files.all();
        state.remove("Qformer.bert.encoder.layer.1.attention.self.query.weight");
        files.checkpoint(state);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> load(null, null, "tiny.pth"))
                .withMessage("no file has a value for Qformer.bert.encoder.layer.1.attention.self.query.weight;"
                        + " expected in " + temp.resolve("tiny.pth"));
    }
}
