package io.lavis4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.checkpoint.SafeTensors;
import io.lavis4j.config.ConfigException;
import io.lavis4j.config.Section;
import io.lavis4j.golden.Golden;
import io.lavis4j.golden.GoldenCases;
import io.lavis4j.model.blip2.Blip2Case;
import io.lavis4j.model.blip2.Blip2T5;
import io.lavis4j.model.blip2.Blip2T5Config;
import io.lavis4j.model.t5.T5Config;
import io.lavis4j.model.t5.T5Config.DenseActFn;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.Precision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Blip2T5LoaderTest {

    @TempDir
    Path temp;

    private final PointerScope scope = new PointerScope();
    private final Golden golden = Golden.at(GoldenCases.of("d_blip2_t5").get(0));
    private final Map<String, Tensor> all = golden.tensors("weights.safetensors");

    /** T5's folder, with the word table once and as Hugging Face's configuration has it, and a file of the rest. */
    @BeforeEach
    void writeFiles() throws IOException {
        var folder = Files.createDirectories(temp.resolve("t5-tiny"));
        var t5 = new LinkedHashMap<>(Golden.under("t5_model.", all));
        t5.remove("encoder.embed_tokens.weight");
        t5.remove("decoder.embed_tokens.weight");
        SafeTensors.write(folder.resolve("model.safetensors"), t5, Map.of("format", "pt"));
        var json = (ObjectNode) golden.json("expected.json").path("config").path("t5");
        Files.writeString(
                folder.resolve("config.json"), json.without("dense_act_fn").toString());
        var tokenizer = GoldenCases.sibling(golden.folder(), "j_tokenizers").resolve("t5");
        for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
            Files.copy(tokenizer.resolve(name), folder.resolve(name));
        }
        var rest = new LinkedHashMap<>(all);
        rest.keySet().removeIf(name -> name.startsWith("t5_model."));
        SafeTensors.write(temp.resolve("blip2.safetensors"), rest, Map.of("format", "pt"));
    }

    @AfterEach
    void freeTensors() {
        scope.close();
    }

    /** The case's sizes from {@link #writeFiles}' files. */
    private record Tiny(Blip2T5Config config) implements ModelType<Blip2T5> {

        @Override
        public List<WeightSource<Blip2T5>> sources() {
            return List.of(Blip2T5Type.languageModel("t5-tiny"), CheckpointKeys.source("blip2.safetensors"));
        }

        @Override
        public Blip2T5 create(LocatedWeights files, Device device) {
            var folder = files.of("language model");
            var t5 = Blip2T5Type.shape(folder);
            return Blip2T5.open(new Blip2T5Config(config.blip2(), t5, "", Precision.FP32), folder, device);
        }

        @Override
        public boolean isNew(String parameter) {
            return type().isNew(parameter);
        }

        @Override
        public int imageSize() {
            return config.blip2().vision().imageSize();
        }
    }

    private LoadedModel<Blip2T5> load() {
        var files = WeightFiles.of(List.of(temp), name -> temp.resolve("none").toString());
        return new ModelLoader(files).load(new Tiny(Blip2Case.t5Config(golden.json("expected.json"))), Devices.cpu());
    }

    private static Blip2T5Type type() {
        return new Blip2T5Type(
                new VisionKeys("eva_clip_g", 224, 0, false, GradientCheckpoint.Granularity.FULL, Precision.FP16, true),
                new QFormerKeys("bert-base-uncased", 32),
                "google/flan-t5-xl",
                "",
                32,
                new LanguageKeys(Precision.BF16, false),
                new CheckpointKeys(true, "", true, "a.pth"));
    }

    @Test
    void everyFileGoesToItsPlace() {
        try (var loaded = load()) {
            var state = loaded.model().stateDict();
            assertThat(state.keySet()).containsExactlyInAnyOrderElementsOf(all.keySet());
            all.forEach((name, value) -> Golden.assertClose(name, Golden.get(state, name), value, 0, 0));
            assertThat(loaded.report().missing()).isEmpty();
            assertThat(loaded.report().unexpected()).isEmpty();
            assertThat(loaded.model().config().t5().denseActFn()).isEqualTo(DenseActFn.GELU);
        }
    }

    @Test
    void aFolderWithoutItsConfigurationIsNamed() throws IOException {
        Files.delete(temp.resolve("t5-tiny/config.json"));
        assertThatThrownBy(this::load)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("t5-tiny/config.json")
                .hasMessageContaining("the language model's configuration, which belongs beside its weights");
    }

    @Test
    void aProjectionForAnotherT5SaysWhichSettingToChange() {
        var other = new LinkedHashMap<>(all);
        other.keySet().removeIf(name -> name.startsWith("t5_model."));
        other.put("t5_proj.weight", torch.zeros(48, 32));
        SafeTensors.write(temp.resolve("blip2.safetensors"), other, Map.of("format", "pt"));
        assertThatIllegalArgumentException()
                .isThrownBy(this::load)
                .withMessageContaining("t5_proj.weight")
                .withMessageContaining("(48, 32)");
        assertThat(type().advice("t5_proj.weight", new long[] {4096, 768}))
                .isEqualTo("it was trained with a language model of width 4096: set t5_model to that one");
        assertThat(type().advice("ln_vision.weight", new long[] {4})).isNull();
    }

    @Test
    void partsOfNoBackboneAreNew() {
        assertThat(List.of("t5_proj.bias", "query_tokens", "ln_vision.weight")).allMatch(type()::isNew);
        assertThat(List.of("t5_model.lm_head.weight", "visual_encoder.pos_embed"))
                .noneMatch(type()::isNew);
    }

    private static Blip2T5Type read(Map<String, Object> model) {
        var section = Section.root(Map.of("model", model)).section("model");
        var type = ModelZoo.BLIP2_T5.read(section);
        section.requireValid();
        return (Blip2T5Type) Section.present(type);
    }

    @Test
    void whatIsNotSaidIsAsInLavisClass() {
        assertThat(read(Map.of("image_size", 224, "num_query_token", 32, "finetuned", "a.pth")))
                .isEqualTo(type());
        assertThat(type().config(T5Config.flanT5Xl()).blip2().lnVisionEps()).isEqualTo(1e-5);
    }

    @Test
    void everyProblemIsReportedAtOnce() {
        var model = Map.<String, Object>of(
                "image_size",
                365,
                "num_query_token",
                32,
                "finetuned",
                "a.pth",
                "max_txt_len",
                1,
                "apply_lemmatizer",
                true,
                "opt_model",
                "x");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> read(model))
                .satisfies(e -> assertThat(e.problems())
                        .anyMatch(p -> p.startsWith("model.image_size must be a positive multiple"))
                        .contains(
                                "model.max_txt_len must be at least 2, got 1",
                                "model.apply_lemmatizer must be False, as there is no lemmatizer yet, got true")
                        .anyMatch(p -> p.startsWith("model.opt_model is unknown"))
                        .hasSize(4));
    }
}
