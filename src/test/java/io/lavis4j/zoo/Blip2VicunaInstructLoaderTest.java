package io.lavis4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.checkpoint.SafeTensors;
import io.lavis4j.config.ConfigException;
import io.lavis4j.golden.Golden;
import io.lavis4j.golden.GoldenCases;
import io.lavis4j.model.blip2.Blip2Case;
import io.lavis4j.model.blip2.Blip2VicunaInstruct;
import io.lavis4j.model.llama.LlamaConfig;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.GradientCheckpoint;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.RandomState;
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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A reference case's weights, spread over files as they are published. */
class Blip2VicunaInstructLoaderTest {

    private static final String LLM = "llm_model.";
    private static final Device CPU = Devices.cpu();

    @TempDir
    Path temp;

    private PointerScope scope;
    private final Golden golden =
            Golden.at(GoldenCases.of("d_blip2_vicuna_instruct").get(0));
    private Map<String, Tensor> weights;

    /** The files of a published type, the shape of the case. */
    private record Tiny(Golden golden, Blip2VicunaInstructType published) implements ModelType<Blip2VicunaInstruct> {

        @Override
        public List<WeightSource<Blip2VicunaInstruct>> sources() {
            return published.sources();
        }

        @Override
        public Blip2VicunaInstruct create(LocatedWeights files, Device device) {
            return Blip2VicunaInstruct.open(
                    Blip2Case.vicunaConfig(golden.json("expected.json")),
                    files.of("language model"),
                    files.of(QFormerKeys.TOKENIZER),
                    device);
        }

        @Override
        public boolean isNew(String parameter) {
            return published.isNew(parameter);
        }

        @Override
        public int imageSize() {
            return published.imageSize();
        }

        @Override
        public @Nullable String advice(String parameter, long[] found) {
            return published.advice(parameter, found);
        }
    }

    @BeforeEach
    void writeFiles() throws IOException {
        scope = new PointerScope();
        RandomState.seed(0);
        weights = golden.tensors("weights.safetensors");
        copyTokenizer("bert", temp.resolve("bert-base-uncased"));
        var vicuna = temp.resolve("vicuna");
        copyTokenizer("llama", vicuna);
        var llama = (ObjectNode) golden.json("expected.json").get("config").get("llama");
        Files.writeString(
                vicuna.resolve("config.json"),
                llama.put("vocab_size", 420).put("model_type", "llama").toString());
        var published = Golden.under(LLM, weights);
        for (String table : List.of("model.embed_tokens.weight", "lm_head.weight")) {
            published.put(table, Golden.get(published, table).narrow(0, 0, 420).contiguous());
        }
        SafeTensors.write(vicuna.resolve("model.safetensors"), published, Map.of("format", "pt"));
        checkpoint(weights);
    }

    @AfterEach
    void freeTensors() {
        scope.close();
    }

    private void copyTokenizer(String name, Path folder) throws IOException {
        Files.createDirectories(folder);
        var tokenizer = GoldenCases.sibling(golden.folder(), "j_tokenizers").resolve(name);
        for (String file : List.of("vocab.txt", "tokenizer.model", "tokenizer_config.json")) {
            if (Files.exists(tokenizer.resolve(file))) {
                Files.copy(tokenizer.resolve(file), folder.resolve(file));
            }
        }
    }

    /** All but the language model: the vision encoder has no file of its own here. */
    private void checkpoint(Map<String, Tensor> state) {
        var trained = new LinkedHashMap<>(state);
        trained.keySet().removeIf(name -> name.startsWith(LLM));
        Checkpoints.write(temp.resolve("tiny.pth"), Map.of("model", trained));
    }

    private static Blip2VicunaInstructType type() {
        return new Blip2VicunaInstructType(
                new VisionKeys("eva_small", 42, 0, false, GradientCheckpoint.Granularity.FULL, Precision.FP32, false),
                new QFormerKeys("bert-base-uncased", 8),
                "vicuna",
                "",
                16,
                12,
                true,
                new LanguageKeys(Precision.FP16, false),
                new CheckpointKeys(true, "tiny.pth", false, ""));
    }

    private WeightFiles files() {
        return WeightFiles.of(List.of(temp), name -> temp.resolve("none").toString());
    }

    private LoadedModel<Blip2VicunaInstruct> load() {
        return new ModelLoader(files()).load(new Tiny(golden, type()), CPU);
    }

    @Test
    void aModelFromItsFilesWritesWhatTheReferenceDoes() {
        try (var loaded = load()) {
            var model = loaded.model();
            model.eval();
            var variant = golden.json("expected.json").get("generate").get(1);
            var image = Golden.get(golden.tensors("inputs.safetensors"), "image");
            assertThat(model.generate(
                            image,
                            Blip2Case.strings(variant.get("prompt")),
                            Blip2Case.generation(model.generateDefaults(), variant.get("kwargs"))))
                    .isEqualTo(Blip2Case.strings(variant.get("strings")));
        }
    }

    @Test
    void everyValueIsItsFilesButTheWordForPaddingsWhichIsDrawn() {
        try (var loaded = load()) {
            var state = loaded.model().stateDict();
            assertThat(state.keySet()).isEqualTo(weights.keySet());
            weights.forEach((name, value) -> {
                boolean ofWords = name.equals(LLM + "lm_head.weight") || name.endsWith("embed_tokens.weight");
                var found = Golden.get(state, name);
                assertThat(found.size(0)).isEqualTo(value.size(0));
                Golden.assertClose(
                        name,
                        ofWords ? found.narrow(0, 0, 420) : found,
                        ofWords ? value.narrow(0, 0, 420) : value,
                        name.endsWith("inv_freq") ? 1e-7 : 0,
                        0);
            });
            assertThat(loaded.report().steps())
                    .extracting(LoadingReport.Step::part)
                    .containsExactly("language model", "BLIP-2 checkpoint");
            assertThat(loaded.report().missing()).isEmpty();
            assertThat(loaded.report().unexpected()).isEmpty();
        }
    }

    @Test
    void bertsVocabularyMustBeThereEvenIfTheCheckpointHasTheQFormer() throws IOException {
        Files.delete(temp.resolve("bert-base-uncased/vocab.txt"));
        assertThatThrownBy(this::load)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith("bert-base-uncased not found; looked at:")
                .hasMessageContaining("(a directory without [tokenizer.json, ");
    }

    @Test
    void aProjectionToAnotherLanguageModelNamesTheSetting() {
        weights.put("llm_proj.weight", torch.zeros(48, 32));
        checkpoint(weights);
        assertThatThrownBy(this::load)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it was trained with a language model of width 48: set llm_model to that one");
    }

    @Test
    void aTokenizerOfAnotherModelIsAProblemOfTheModelSection() throws IOException {
        var config = (ObjectNode) golden.json("expected.json").get("config").get("llama");
        Files.writeString(
                temp.resolve("vicuna/config.json"),
                config.put("vocab_size", 500).toString());
        var located = LocatedWeights.find(type().sources(), files());
        assertThatThrownBy(() -> type().create(located, CPU))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(
                        "the tokenizer has 421 tokens, padding is 420; the language model's word table has 501 and padding 500");
    }

    @Test
    void aFolderWithoutItsConfigurationIsAnError() throws IOException {
        Files.delete(temp.resolve("vicuna/config.json"));
        var located = LocatedWeights.find(type().sources(), files());
        assertThatThrownBy(() -> type().create(located, CPU))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("config.json")
                .hasMessageContaining("which belongs beside its weights");
    }

    @Test
    void theShapeIsTheFoldersWithAWordMore() {
        var llama = LlamaConfig.vicuna13b();
        assertThat(type().config(llama).llama()).isEqualTo(llama.withPadToken());
    }
}
