package io.lavis4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.golden.GoldenCases;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.model.blip2.Blip2Qformer;
import io.lavis4j.model.blip2.Blip2T5;
import io.lavis4j.model.blip2.Blip2T5Instruct;
import io.lavis4j.model.blip2.Blip2VicunaInstruct;
import io.lavis4j.model.llama.LlamaConfig;
import io.lavis4j.model.opt.OptConfig;
import io.lavis4j.model.t5.T5Config;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Tensors;
import io.lavis4j.tokenize.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The published sizes: names, shapes and dtypes of the reference's models, which are built here without values. */
class StateDictNamesTest {

    private static final String POSITION_IDS = "Qformer.bert.embeddings.position_ids";

    private static JsonNode list(String name) throws IOException {
        var folder = GoldenCases.of("k_state_dicts").get(0);
        return new ObjectMapper().readTree(folder.resolve(name + ".json").toFile());
    }

    private static Tokenizer tokenizer() {
        return Tokenizer.opt(GoldenCases.of("j_tokenizers").get(0).resolve("opt"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"pretrain_opt2.7b", "pretrain_opt6.7b", "caption_coco_opt2.7b", "caption_coco_opt6.7b"})
    void everyTypeHasTheReferencesNamesShapesAndTypes(String name) throws IOException {
        var list = list("blip2_opt__" + name);
        var type = (Blip2OptType) ModelZoo.BLIP2_OPT.type(name);
        try (var scope = new PointerScope();
                var tokenizer = tokenizer();
                var model = new Blip2Opt(type.config(OptConfig.published(type.optModel())), tokenizer, Devices.cpu())) {
            assertThat(describe(model.stateDict(), StateDictNamesTest::shape))
                    .isEqualTo(expected(list, StateDictNamesTest::shape, p -> true));
            assertThat(model.namedParameters().keySet())
                    .containsExactlyInAnyOrderElementsOf(names(list.get("parameters")));
            assertThat(model.trainableParameters().keySet())
                    .as("order of the optimizer's state")
                    .containsExactlyElementsOf(names(trained(list)));
            assertThat(model.numParameters())
                    .isEqualTo(list.get("total_parameters").asLong());

            // a CPU stores fp16 parts as fp32; elsewhere they stay as the type has them
            assertThat(model.stateDict().values()).noneMatch(t -> Tensors.dtype(t) == ScalarType.Half);
            model.visualEncoder()
                    .module()
                    .convertWeights(model.config().blip2().vitPrecision().dtype());
            model.opt().to(model.config().optPrecision().dtype());
            assertThat(describe(model.stateDict(), StateDictNamesTest::dtype))
                    .isEqualTo(expected(list, p -> p.path("dtype").asText(), p -> true));
        }
    }

    @Test
    void instructBlipHasTheReferencesNamesShapesAndTypes(@TempDir Path folder) throws IOException {
        var list = list("blip2_vicuna_instruct__vicuna7b");
        var type = (Blip2VicunaInstructType) ModelZoo.BLIP2_VICUNA_INSTRUCT.type("vicuna7b");
        var config = type.config(LlamaConfig.vicuna7b());
        var bert = GoldenCases.of("j_tokenizers").get(0).resolve("bert");
        try (var scope = new PointerScope();
                var model = Blip2VicunaInstruct.open(config, vicuna(folder), bert, Devices.cpu())) {
            assertThat(describe(model.stateDict(), StateDictNamesTest::shape))
                    .isEqualTo(expected(list, StateDictNamesTest::shape, p -> true));
            assertThat(model.trainableParameters().keySet())
                    .as("order of the optimizer's state")
                    .containsExactlyElementsOf(names(trained(list)));
            assertThat(model.numParameters())
                    .isEqualTo(list.get("total_parameters").asLong());

            model.visualEncoder()
                    .module()
                    .convertWeights(config.blip2().vitPrecision().dtype());
            model.llm().to(config.llmPrecision().dtype());
            var found = describe(model.stateDict(), StateDictNamesTest::dtype);
            var wanted = expected(list, p -> p.path("dtype").asText(), p -> true);
            assertThat(found).isEqualTo(wanted);
        }
    }

    /** LLaMA's tokenizer of the cases with as many words as Vicuna has. */
    private static Path vicuna(Path folder) throws IOException {
        var small = GoldenCases.of("j_tokenizers").get(0).resolve("llama");
        var tokenizer =
                new ObjectMapper().readTree(small.resolve("tokenizer.json").toFile());
        var words = (ObjectNode) tokenizer.path("model").path("vocab");
        for (int id = words.size(); id < LlamaConfig.vicuna7b().vocabSize(); id++) {
            words.put("word" + id, id);
        }
        Files.copy(small.resolve("tokenizer_config.json"), folder.resolve("tokenizer_config.json"));
        Files.writeString(folder.resolve("tokenizer.json"), tokenizer.toString());
        return folder;
    }

    @ParameterizedTest
    @ValueSource(strings = {"pretrain", "pretrain_vitL", "coco"})
    void theFirstStageHasTheReferencesNamesShapesAndTypes(String name) throws IOException {
        var list = list("blip2_feature_extractor__" + name);
        for (var architecture :
                List.of(ModelZoo.BLIP2_FEATURE_EXTRACTOR, ModelZoo.BLIP2, ModelZoo.BLIP2_IMAGE_TEXT_MATCHING)) {
            var type = (Blip2QformerType) architecture.type(name);
            var tokenizer =
                    Tokenizer.qformer(GoldenCases.of("j_tokenizers").get(0).resolve("bert"));
            try (var scope = new PointerScope();
                    var model = new Blip2Qformer(type.config(), tokenizer, Devices.cpu())) {
                assertThat(describe(model.stateDict(), StateDictNamesTest::shape))
                        .isEqualTo(expected(list, StateDictNamesTest::shape, p -> true));
                assertThat(model.trainableParameters().keySet())
                        .containsExactlyInAnyOrderElementsOf(names(trained(list)));
                assertThat(model.numParameters())
                        .isEqualTo(list.get("total_parameters").asLong());
                model.visualEncoder()
                        .module()
                        .convertWeights(type.vision().vitPrecision().dtype());
                assertThat(describe(model.stateDict(), StateDictNamesTest::dtype))
                        .isEqualTo(expected(list, p -> p.path("dtype").asText(), p -> true));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "pretrain_flant5xl, false",
        "pretrain_flant5xl_vitL, false",
        "caption_coco_flant5xl, false",
        "pretrain_flant5xxl, true"
    })
    void everyTypeWithT5HasTheReferencesNamesShapesAndTypes(String name, boolean xxl) throws IOException {
        var list = list("blip2_t5__" + name);
        var type = (Blip2T5Type) ModelZoo.BLIP2_T5.type(name);
        var config = type.config(xxl ? T5Config.flanT5Xxl() : T5Config.flanT5Xl());
        var words = Tokenizer.t5(GoldenCases.of("j_tokenizers").get(0).resolve("t5"));
        try (var scope = new PointerScope();
                var model = new Blip2T5(config, words, Devices.cpu())) {
            assertThat(describe(model.stateDict(), StateDictNamesTest::shape))
                    .isEqualTo(expected(list, StateDictNamesTest::shape, p -> true));
            assertThat(model.trainableParameters().keySet()).containsExactlyElementsOf(names(trained(list)));
            assertThat(model.namedParameters()).hasSameSizeAs(list.get("parameters"));
            assertThat(model.numParameters())
                    .isEqualTo(list.get("total_parameters").asLong());
            var vision = model.visualEncoder().module();
            vision.convertWeights(config.blip2().vitPrecision().dtype()); // a CPU stores fp16 as fp32
            assertThat(describe(model.stateDict(), StateDictNamesTest::dtype))
                    .isEqualTo(expected(list, p -> p.path("dtype").asText(), p -> true));
        }
    }

    @ParameterizedTest
    @CsvSource({"flant5xl, false", "flant5xxl, true"})
    void instructBlipWithT5HasTheReferencesNamesShapesAndTypes(String name, boolean xxl) throws IOException {
        var list = list("blip2_t5_instruct__" + name);
        var type = (Blip2T5InstructType) ModelZoo.BLIP2_T5_INSTRUCT.type(name);
        var config = type.config(xxl ? T5Config.flanT5Xxl() : T5Config.flanT5Xl());
        var tokenizers = GoldenCases.of("j_tokenizers").get(0);
        try (var scope = new PointerScope();
                var model = Blip2T5Instruct.open(
                        config, tokenizers.resolve("t5"), tokenizers.resolve("bert"), Devices.cpu())) {
            assertThat(describe(model.stateDict(), StateDictNamesTest::shape))
                    .isEqualTo(expected(list, StateDictNamesTest::shape, p -> true));
            assertThat(model.trainableParameters().keySet())
                    .as("order of the optimizer's state")
                    .containsExactlyElementsOf(names(trained(list)));
            assertThat(model.numParameters())
                    .isEqualTo(list.get("total_parameters").asLong());
            var vision = model.visualEncoder().module();
            vision.convertWeights(config.blip2().vitPrecision().dtype());
            assertThat(describe(model.stateDict(), StateDictNamesTest::dtype))
                    .isEqualTo(expected(list, p -> p.path("dtype").asText(), p -> true));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pretrain_opt2.7b", "caption_coco_opt2.7b"})
    void savedIsWhatIsTrainedAndThePositions(String name) throws IOException {
        var list = list("blip2_opt__" + name);
        var type = (Blip2OptType) ModelZoo.BLIP2_OPT.type(name);
        try (var scope = new PointerScope();
                var tokenizer = tokenizer();
                var model = new Blip2Opt(type.config(OptConfig.published(type.optModel())), tokenizer, Devices.cpu())) {
            var saved = describe(model.trainableStateDict(), StateDictNamesTest::shape);
            assertThat(saved)
                    .isEqualTo(expected(
                            list,
                            StateDictNamesTest::shape,
                            p -> p.path("requires_grad").asBoolean(p.has("persistent"))));
            assertThat(saved).containsKey(POSITION_IDS);
            long trainable = model.trainableParameters().values().stream()
                    .mapToLong(Tensor::numel)
                    .sum();
            assertThat(trainable).isEqualTo(list.get("trainable_parameters").asLong());
        }
    }

    private static Map<String, JsonNode> trained(JsonNode list) {
        var trained = new LinkedHashMap<String, JsonNode>();
        for (var parameter : list.get("parameters").properties()) {
            if (parameter.getValue().get("requires_grad").asBoolean()) {
                trained.put(parameter.getKey(), parameter.getValue());
            }
        }
        return trained;
    }

    private static Iterable<String> names(Map<String, JsonNode> entries) {
        return entries.keySet();
    }

    private static Iterable<String> names(JsonNode entries) {
        return entries.properties().stream().map(Map.Entry::getKey).toList();
    }

    /** Parameters, further names of tied ones, and buffers that are saved. */
    private static Map<String, String> expected(
            JsonNode list, Function<JsonNode, String> describe, Predicate<JsonNode> wanted) {
        var entries = new LinkedHashMap<String, JsonNode>();
        list.get("parameters").properties().forEach(p -> entries.put(p.getKey(), p.getValue()));
        list.get("aliases")
                .properties()
                .forEach(p -> entries.put(
                        p.getKey(), list.get("parameters").get(p.getValue().asText())));
        list.get("buffers").properties().forEach(p -> entries.put(p.getKey(), p.getValue()));
        entries.values().removeIf(p -> !p.path("persistent").asBoolean(true) || !wanted.test(p));
        return entries.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> describe.apply(entry.getValue())));
    }

    private static Map<String, String> describe(Map<String, Tensor> state, Function<Tensor, String> describe) {
        return state.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> describe.apply(entry.getValue())));
    }

    private static long[] sizes(JsonNode entry) {
        long[] sizes = new long[entry.get("shape").size()];
        Arrays.setAll(sizes, i -> entry.get("shape").get(i).asLong());
        return sizes;
    }

    private static String shape(JsonNode entry) {
        return Tensors.shape(sizes(entry));
    }

    private static String shape(Tensor tensor) {
        return Tensors.shape(tensor);
    }

    private static String dtype(Tensor tensor) {
        return switch (Tensors.dtype(tensor)) {
            case Float -> "float32";
            case Half -> "float16";
            case BFloat16 -> "bfloat16";
            case Long -> "int64";
            default -> "other";
        };
    }
}
