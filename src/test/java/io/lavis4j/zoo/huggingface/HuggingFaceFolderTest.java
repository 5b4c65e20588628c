package io.lavis4j.zoo.huggingface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.checkpoint.Checkpoints;
import io.lavis4j.checkpoint.SafeTensors;
import io.lavis4j.golden.Golden;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.processor.ImageProcessors;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Precision;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tokenize.Tokenizer;
import io.lavis4j.zoo.LocatedWeights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class HuggingFaceFolderTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path root = Path.of("");

    private Path saved(SmallModels small) {
        var folder = root.resolve("saved");
        small.save(folder);
        return folder;
    }

    private static ObjectNode json(Path file) throws IOException {
        return (ObjectNode) JSON.readTree(file.toFile());
    }

    @ParameterizedTest
    @EnumSource
    void aSavedModelIsReadAsItWas(SmallModels small) {
        try (var scope = new PointerScope();
                var model = small.make();
                var loaded = HuggingFaceFolder.load(saved(small), Devices.cpu())) {
            assertThat(loaded.model()).isInstanceOf(model.getClass());
            assertThat(loaded.loaded().report().missing()).isEmpty();
            assertThat(loaded.loaded().report().unexpected()).isEmpty();
            var own = model.module().stateDict();
            var read = loaded.model().module().stateDict();
            assertThat(read.keySet()).isEqualTo(own.keySet());
            own.forEach((name, tensor) -> {
                var found = Golden.get(read, name);
                boolean longer = tensor.dim() > 0 && found.size(0) > tensor.size(0); // a word table
                assertThat((longer ? found.narrow(0, 0, tensor.size(0)) : found).equal(tensor))
                        .as(name)
                        .isTrue();
            });
            assertThat(loaded.model().module().isTraining()).isFalse();
            assertThat(loaded.visProcessors().eval())
                    .hasToString(ImageProcessors.blipImageEval(42).toString());
            assertThat(loaded.txtProcessors().isEmpty()).isTrue();
        }
    }

    @Test
    void theImageHasATokenAfterTheOthersAndItsRowsNeverScoreHighest() throws IOException {
        var folder = saved(SmallModels.INSTRUCT_VICUNA);
        var config = json(folder.resolve("config.json"));
        assertThat(config.path("image_token_index").asInt()).isEqualTo(421);
        assertThat(config.path("text_config").path("vocab_size").asInt()).isEqualTo(448);
        try (var scope = new PointerScope();
                var tokenizer = Tokenizer.vicuna(folder)) {
            assertThat(tokenizer.tokenToId("<image>")).hasValue(421);
            assertThat(tokenizer.vocabSize()).isEqualTo(422);
            var head =
                    Golden.get(SafeTensors.read(folder.resolve("model.safetensors")), "language_model.lm_head.weight");
            var scores = head.matmul(torch.randn(32, 50)); // (V, 50)
            var old = scores.narrow(0, 0, 421).amax(new long[] {0}, false);
            assertThat(scores.narrow(0, 421, 27)
                            .amax(new long[] {0}, false)
                            .lt(old)
                            .all()
                            .item_bool())
                    .isTrue();
        }
    }

    @Test
    void whereTheTableHasRoomItStaysAsItIs() throws IOException {
        var folder = saved(SmallModels.T5); // its tokenizer's last tokens are the table's last rows
        var again = root.resolve("again");
        var type = HuggingFaceFolder.type(folder);
        try (var loaded = HuggingFaceFolder.load(folder, Devices.cpu())) {
            var report = new ConversionReport();
            new Export<>(loaded.model(), loaded.model().module().stateDict(), List.of(), report)
                    .write(again, SourceTokenizers.of(ModelClass.of(loaded.model()), type, none()));
            assertThat(report.names().keySet()).noneMatch(rule -> rule.startsWith("lengthened"));
        }
        assertThat(json(again.resolve("config.json"))).isEqualTo(json(folder.resolve("config.json")));
        assertThat(Files.mismatch(folder.resolve("tokenizer.json"), again.resolve("tokenizer.json")))
                .isEqualTo(-1);
        assertThat(Files.mismatch(folder.resolve("model.safetensors"), again.resolve("model.safetensors")))
                .isEqualTo(-1);
    }

    private static LocatedWeights none() {
        return new LocatedWeights(Map.of());
    }

    @Test
    void retrievalHasNoHeadForCaptionsAndNoTemperatureWhichIsReported() throws IOException {
        var folder = saved(SmallModels.RETRIEVAL);
        Files.delete(folder.resolve("lavis.safetensors"));
        try (var loaded = HuggingFaceFolder.load(folder, Devices.cpu())) {
            var step = loaded.loaded().report().steps().get(0).report();
            assertThat(step.missing())
                    .contains("temp", "Qformer.cls.predictions.bias")
                    .allMatch(name -> name.equals("temp") || name.startsWith("Qformer.cls."));
            assertThat(loaded.model().module().unsetParameters()).isEmpty();
        }
    }

    @Test
    void aBiasOfTheKeysChangesNothingAndIsReported() {
        var folder = saved(SmallModels.OPT);
        try (var scope = new PointerScope()) {
            var weights = new LinkedHashMap<>(Checkpoints.stateDict(folder));
            var name = "vision_model.encoder.layers.1.self_attn.qkv.bias";
            weights.computeIfPresent(name, (n, bias) -> {
                var changed = torch.clone(bias);
                changed.narrow(0, 64, 64).add_(torch.ones(64));
                return changed;
            });
            SafeTensors.write(folder.resolve("model.safetensors"), weights, Map.of());
            try (var loaded = HuggingFaceFolder.load(folder, Devices.cpu())) {
                assertThat(loaded.loaded().report().unexpected())
                        .containsExactly("visual_encoder.blocks.1.attn.k_bias");
            }
        }
    }

    @Test
    void theLayoutOfVersion4IsRead() throws IOException {
        var folder = saved(SmallModels.OPT);
        var config = json(folder.resolve("config.json"));
        config.remove(List.of("dtype", "image_token_index", "architectures"));
        Files.writeString(
                folder.resolve("config.json"),
                config.put("torch_dtype", "bfloat16").toString());
        var processor = json(folder.resolve("processor_config.json"));
        Files.writeString(
                folder.resolve("preprocessor_config.json"),
                processor.get("image_processor").toString());
        processor.remove("image_processor");
        Files.writeString(folder.resolve("processor_config.json"), processor.toString());
        Files.delete(folder.resolve("tokenizer.json"));
        Files.delete(folder.resolve("tokenizer_config.json"));
        Folders.tokenizer("opt", folder);
        Files.delete(folder.resolve("tokenizer.json"));
        try (var scope = new PointerScope()) {
            sharded(folder);
            try (var loaded = HuggingFaceFolder.load(folder, Devices.cpu())) {
                var model = (Blip2Opt) loaded.model();
                assertThat(model.config().precision()).isEqualTo(Precision.BF16);
                assertThat(model.config().blip2().vitPrecision()).isEqualTo(Precision.BF16);
                assertThat(Tensors.dtype(model.languageModel()
                                .stateDict()
                                .values()
                                .iterator()
                                .next()))
                        .isEqualTo(torch.ScalarType.BFloat16);
            }
        }
    }

    /** In place of one safetensors file two of torch.save, with an index. */
    private static void sharded(Path folder) throws IOException {
        var file = folder.resolve("model.safetensors");
        var parts = List.of(new LinkedHashMap<String, Tensor>(), new LinkedHashMap<String, Tensor>());
        var map = JSON.createObjectNode();
        SafeTensors.read(file).forEach((name, tensor) -> {
            int part = map.size() % 2;
            parts.get(part).put(name, tensor);
            map.put(name, "pytorch_model-%d.bin".formatted(part));
        });
        for (int i = 0; i < 2; i++) {
            Checkpoints.write(folder.resolve("pytorch_model-%d.bin".formatted(i)), parts.get(i));
        }
        var index = JSON.createObjectNode();
        index.set("weight_map", map);
        Files.writeString(folder.resolve("pytorch_model.bin.index.json"), index.toString());
        Files.delete(file);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /architectures | ["BlipForConditionalGeneration"] | got BlipForConditionalGeneration, blip-2 and opt
            /model_type | "blip" | expected architectures, model_type and text_config.model_type of one of
            /text_config/model_type | "gpt2" | got Blip2ForConditionalGeneration, blip-2 and gpt2
            /vision_config/hidden_act | "quick_gelu" | config.json: vision_config.hidden_act is "quick_gelu", expected gelu
            /vision_config/qkv_bias | false | vision_config.qkv_bias is false, expected true
            /vision_config/attention_dropout | 0.1 | vision_config.attention_dropout is 0.1, expected 0
            /vision_config/image_size | [42, 28] | vision_config.image_size is [42,28], expected a whole number
            /vision_config/layer_norm_eps | "small" | vision_config.layer_norm_eps is "small", expected a number
            /qformer_config/hidden_act | "relu" | qformer_config.hidden_act is "relu", expected gelu
            /qformer_config/position_embedding_type | "relative_key" | "relative_key", expected absolute
            /qformer_config/attention_probs_dropout_prob | 0.2 | expected 0.1, as hidden_dropout_prob
            /vision_config/num_attention_heads | 0 | vision_config.num_attention_heads is 0, expected a whole number, 1 or more
            /num_query_tokens | 8.5 | num_query_tokens is 8.5, expected a whole number
            /qformer_config/use_qformer_text_input | true | use_qformer_text_input is true, expected false
            /text_config/tie_word_embeddings | false | text_config.tie_word_embeddings is false, expected true
            /quantization_config | {"load_in_8bit":true} | quantization_config is {"load_in_8bit":true}, expected none
            /dtype | "float64" | dtype is "float64", expected one of float32, float16, bfloat16
            /text_config/activation_function | "gelu" | expected activation_function relu, got gelu
            /num_query_tokens | 9 | query_tokens: expected (1, 9, 64), got (1, 8, 64)
            """)
    void whatOurModelsDoNotHaveIsNamed(String key, String value, String message) throws IOException {
        var folder = saved(SmallModels.OPT);
        change(folder.resolve("config.json"), key, value);
        assertThatThrownBy(() -> HuggingFaceFolder.load(folder, Devices.cpu()).close())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /image_processor/do_center_crop | true | processor_config.json: do_center_crop is true, expected false
            /image_processor/do_resize | false | do_resize is false, expected true
            /image_processor/resample | 2 | resample is 2, expected 3, bicubic
            /image_processor/rescale_factor | 1.0 | rescale_factor is 1.0, expected 1/255
            /image_processor/image_std | [1, 1] | image_std is [1,1], expected three numbers
            /image_processor/image_mean | [0.5, "a", 0.5] | image_mean is [0.5,"a",0.5], expected three numbers
            /image_processor/size/height | 224 | size is {"height":224,"width":42}, expected a height of 42
            """)
    void anotherImageProcessorIsRefused(String key, String value, String message) throws IOException {
        var folder = saved(SmallModels.OPT);
        change(folder.resolve("processor_config.json"), key, value);
        assertThatThrownBy(() -> HuggingFaceFolder.load(folder, Devices.cpu()).close())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    private static void change(Path file, String key, String value) throws IOException {
        var json = json(file);
        int leaf = key.lastIndexOf('/');
        json.withObject(key.substring(0, leaf)).set(key.substring(leaf + 1), JSON.readTree(value));
        Files.writeString(file, json.toString());
    }

    @Test
    void weightsOfAnotherClassAndMissingFilesAreNamed() throws IOException {
        var folder = saved(SmallModels.OPT);
        try (var scope = new PointerScope()) {
            var weights = new LinkedHashMap<>(Checkpoints.stateDict(folder));
            weights.put("vision_model.pre_layrnorm.weight", torch.zeros(3));
            SafeTensors.write(folder.resolve("model.safetensors"), weights, Map.of());
        }
        assertThatThrownBy(() -> HuggingFaceFolder.load(folder, Devices.cpu()).close())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected the weights of a Blip2ForConditionalGeneration (blip-2, opt)")
                .hasMessageContaining("got vision_model.pre_layrnorm.weight");
        Files.delete(folder.resolve("processor_config.json"));
        assertThatThrownBy(() -> HuggingFaceFolder.load(folder, Devices.cpu()).close())
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("preprocessor_config.json is not there")
                .hasMessageContaining("processor_config.json has none");
        Files.delete(folder.resolve("config.json"));
        assertThatThrownBy(() -> HuggingFaceFolder.type(folder))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("config.json is not there");
    }
}
