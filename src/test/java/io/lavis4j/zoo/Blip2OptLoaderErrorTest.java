package io.lavis4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lavis4j.tensor.Precision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What loading refuses, and what it says then. */
class Blip2OptLoaderErrorTest {

    @TempDir
    Path temp;

    private PointerScope scope;
    private TinyFiles files;

    @BeforeEach
    void writeFiles() {
        scope = new PointerScope();
        files = TinyFiles.in(temp).writeAll();
    }

    @AfterEach
    void freeTensors() {
        scope.close();
    }

    @Test
    void aCheckpointForAnotherImageSizeSaysWhatToSet() {
        files.checkpoint(files.all());
        var larger = files.config(70, true, Precision.FP32);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> files.load(larger, TinyFiles.NAMES))
                .withMessageStartingWith(
                        temp.resolve("tiny.pth") + " does not fit this model: visual_encoder.pos_embed")
                .withMessageContaining("expected (1, 26, 40), got (1, 10, 40)")
                .withMessageEndingWith("it was saved for images of 42 px, this model is for 70 px: set image_size to"
                        + " 42, take a checkpoint for 70 px, or set interpolate_pos_embed to True, which resizes"
                        + " positions");
    }

    @Test
    void otherWrongShapesSayWhatToSet() {
        var state = files.trained();
        state.put("opt_proj.weight", TinyFiles.zeros(64, 32));
        state.put("query_tokens", TinyFiles.zeros(1, 16, 32));
        state.put("Qformer.bert.encoder.layer.0.crossattention.self.key.weight", TinyFiles.zeros(32, 24));
        state.put("ln_vision.weight", TinyFiles.zeros(24));
        files.checkpoint(state);
        assertThatIllegalArgumentException()
                .isThrownBy(files::load)
                .withMessageContaining("and 1 more")
                .withMessageContaining("language model of width 64: set opt_model")
                .withMessageContaining("set num_query_token to 16")
                .withMessageContaining("image tokens have width 24: set vit_model")
                .withMessageContaining("check that model type and file belong together");
    }

    @Test
    void bertMustBeThereOtherwise() throws IOException {
        Files.delete(temp.resolve("bert-base-uncased/pytorch_model.bin"));
        assertThatThrownBy(() -> files.load(files.config(), TinyFiles.NO_CHECKPOINT))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith("bert-base-uncased not found; looked at:");
        var state = files.trained();
        state.remove("Qformer.bert.encoder.layer.1.attention.self.query.weight");
        files.checkpoint(state);
        assertThatIllegalArgumentException()
                .isThrownBy(files::load)
                .withMessageContaining(
                        "no file has a value for Qformer.bert.encoder.layer.1.attention.self.query.weight")
                .withMessageContaining(temp.resolve("tiny.pth") + " or in bert-base-uncased, which was not found");
    }

    @Test
    void aBackboneOrLanguageModelWithAHoleIsAnError() {
        var vision = files.under("visual_encoder.");
        vision.remove("blocks.1.mlp.fc1.bias");
        files.vision(vision);
        var opt = files.under("opt_model.");
        opt.remove("model.decoder.embed_positions.weight");
        files.opt(opt);
        assertThatIllegalArgumentException()
                .isThrownBy(files::load)
                .withMessageContaining("no file has a value for visual_encoder.blocks.1.mlp.fc1.bias; expected in "
                        + temp.resolve("eva_vit_g.pth"))
                .withMessageContaining("no file has a value for opt_model.model.decoder.embed_positions.weight;"
                        + " expected in "
                        + temp.resolve("opt-tiny"));
    }

    @Test
    void everyFileButBertIsNeeded() throws IOException {
        for (String file : List.of("eva_vit_g.pth", "opt-tiny/model.safetensors", "tiny.pth")) {
            Files.move(temp.resolve(file), temp.resolve("away"));
            assertThatThrownBy(files::load)
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining(" not found; looked at:")
                    .hasMessageContaining("put it at " + temp);
            Files.move(temp.resolve("away"), temp.resolve(file));
        }
    }

    @Test
    void aCheckpointOfWhichNothingFitsIsAnError() {
        files.checkpoint(Map.of("module.query_tokens", TinyFiles.zeros(1, 8, 32)));
        assertThatIllegalArgumentException()
                .isThrownBy(files::load)
                .withMessageContaining("holds nothing of a Blip2Opt: expected names as query_tokens and opt_proj.bias")
                .withMessageContaining("got module.query_tokens");
    }

    @Test
    void theLanguageModelHasTheShapeOfItsFolder() throws IOException {
        var file = temp.resolve("opt-tiny/config.json");
        Files.writeString(
                file, Files.readString(file).replace("\"num_attention_heads\":4", "\"num_attention_heads\":8"));
        try (var loaded = files.load()) {
            assertThat(loaded.model().languageModel().config().numAttentionHeads())
                    .isEqualTo(8);
        }
        Files.writeString(
                file, Files.readString(file).replace("\"num_attention_heads\":8", "\"num_attention_heads\":7"));
        assertThatIllegalArgumentException().isThrownBy(files::load).withMessageContaining("numAttentionHeads");
        Files.delete(file);
        assertThatThrownBy(files::load)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("config.json")
                .hasMessageContaining("belongs beside its weights");
    }
}
