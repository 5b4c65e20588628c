package io.lavis4j.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Named.named;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lavis4j.golden.GoldenCases;
import io.lavis4j.model.BaseModel;
import io.lavis4j.model.blip2.Blip2Opt;
import io.lavis4j.model.blip2.Blip2Qformer;
import io.lavis4j.model.blip2.Blip2T5;
import io.lavis4j.model.blip2.Blip2T5Instruct;
import io.lavis4j.model.blip2.Blip2VicunaInstruct;
import io.lavis4j.model.llama.LlamaConfig;
import io.lavis4j.tensor.Devices;
import io.lavis4j.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The published sizes: names, shapes and dtypes of the reference's models, which are built here without values. */
class StateDictNamesTest {

    private static final String POSITION_IDS = "Qformer.bert.embeddings.position_ids";

    private static JsonNode list(String name) throws IOException {
        var folder = GoldenCases.of("k_state_dicts").get(0);
        return new ObjectMapper().readTree(folder.resolve(name + ".json").toFile());
    }

    /** Architecture and type of every published model. */
    static Stream<Arguments> published() {
        return StreamSupport.stream(new ModelZoo().spliterator(), false)
                .flatMap(architecture -> architecture.published().stream()
                        .map(type -> arguments(named(architecture.name(), architecture), type)));
    }

    private static ModelShape shape(Architecture<?> architecture, String type) {
        return Objects.requireNonNull(architecture.type(type).shape(WeightFiles.of(List.of(), name -> null)));
    }

    private static JsonNode list(Architecture<?> architecture, String type) throws IOException {
        return list(
                list("index").get(architecture.name() + "__" + type).asText().replace(".json", ""));
    }

    @Test
    void everyPublishedTypeHasAList() throws IOException {
        assertThat(names(list("index")))
                .containsExactlyInAnyOrderElementsOf(published()
                        .map(row -> architecture(row).name() + "__" + row.get()[1])
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("published")
    @Timeout(10)
    void everyTypeHasTheReferencesNamesShapesAndTypes(Architecture<?> architecture, String type) throws IOException {
        var list = list(architecture, type);
        try (var scope = new PointerScope();
                var model = shape(architecture, type).create(new Device("cuda"))) {
            assertThat(describe(model.stateDict(), StateDictNamesTest::shape))
                    .isEqualTo(expected(list, StateDictNamesTest::shape, p -> true));
            assertThat(describe(model.stateDict(), StateDictNamesTest::dtype))
                    .isEqualTo(expected(list, p -> p.path("dtype").asText(), p -> true));
            assertThat(model.namedParameters().keySet())
                    .containsExactlyInAnyOrderElementsOf(names(list.get("parameters")));
            assertThat(model.trainableParameters().keySet()).containsExactlyInAnyOrderElementsOf(names(trained(list)));
            assertThat(model.numParameters())
                    .isEqualTo(list.get("total_parameters").asLong());
            assertThat(model.namedParameters().values())
                    .as("take no memory")
                    .allMatch(p -> p.storage().nbytes() == p.element_size());
        }
    }

    /** What needs a tokenizer is the model itself. */
    @ParameterizedTest
    @MethodSource("published")
    @Timeout(10)
    void everyModelIsOfItsTypesShape(Architecture<?> architecture, String type, @TempDir Path folder)
            throws IOException {
        try (var scope = new PointerScope();
                var tree = shape(architecture, type).create(Devices.cpu());
                var model = model(architecture.type(type), folder)) {
            var module = model.module();
            assertThat(describe(module.stateDict(), StateDictNamesTest::shape))
                    .isEqualTo(describe(tree.stateDict(), StateDictNamesTest::shape));
            assertThat(describe(module.stateDict(), StateDictNamesTest::dtype))
                    .isEqualTo(describe(tree.stateDict(), StateDictNamesTest::dtype))
                    .as("a CPU stores fp16 as fp32")
                    .doesNotContainValue("float16");
            assertThat(module.trainableParameters().keySet())
                    .as("order of the optimizer's state")
                    .containsExactlyElementsOf(tree.trainableParameters().keySet());
        }
    }

    /** Those after the first stage, whose temperature stands before the query tokens here and after them there. */
    static Stream<Arguments> withLanguageModel() {
        return published().filter(row -> architecture(row).model() != Blip2Qformer.class);
    }

    private static Architecture<?> architecture(Arguments row) {
        return (Architecture<?>) ((Named<?>) row.get()[0]).getPayload();
    }

    @ParameterizedTest
    @MethodSource("withLanguageModel")
    void theOptimizersStateIsInTheReferencesOrder(Architecture<?> architecture, String type) throws IOException {
        try (var model = shape(architecture, type).create(Devices.cpu())) {
            assertThat(model.trainableParameters().keySet())
                    .containsExactlyElementsOf(names(trained(list(architecture, type))));
        }
    }

    private static BaseModel model(ModelType<?> type, Path folder) throws IOException {
        var tokenizers = GoldenCases.of("j_tokenizers").get(0);
        Path bert = tokenizers.resolve("bert"), t5 = tokenizers.resolve("t5");
        var none = WeightFiles.of(List.of(), name -> null);
        if (type instanceof Blip2OptType opt) {
            var config = opt.config(PublishedShapes.OPT.of(opt.optModel(), none));
            return Blip2Opt.open(config, tokenizers.resolve("opt"), Devices.cpu());
        }
        if (type instanceof Blip2T5Type flan) {
            return Blip2T5.open(flan.config(PublishedShapes.T5.of(flan.t5Model(), none)), t5, Devices.cpu());
        }
        if (type instanceof Blip2T5InstructType flan) {
            var config = flan.config(PublishedShapes.T5.of(flan.t5Model(), none));
            return Blip2T5Instruct.open(config, t5, bert, Devices.cpu());
        }
        if (type instanceof Blip2VicunaInstructType vicuna) {
            var config = vicuna.config(PublishedShapes.VICUNA.of(vicuna.llmModel(), none));
            return Blip2VicunaInstruct.open(config, vicuna(folder), bert, Devices.cpu());
        }
        return Blip2Qformer.open(((Blip2QformerType) type).config(), bert, Devices.cpu());
    }

    @Test
    void aLanguageModelWithoutFilesMustBeAPublishedOne(@TempDir Path folder) throws IOException {
        var weights = WeightFiles.of(List.of(folder), name -> null);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PublishedShapes.VICUNA.of("./llm/llama-70b", weights))
                .withMessage("the shape of \"./llm/llama-70b\" is not known: it is neither a folder with a config.json"
                        + " nor one of [vicuna-13b, vicuna-7b]");
        var own = Files.createDirectories(folder.resolve("facebook").resolve("opt-2.7b"));
        Files.writeString(own.resolve("config.json"), "{\"hidden_size\": 96}");
        Files.createFile(own.resolve("pytorch_model.bin"));
        assertThat(PublishedShapes.OPT.of("facebook/opt-2.7b", weights).hiddenSize())
                .as("of the folder that would be loaded")
                .isEqualTo(96);
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
    @ValueSource(strings = {"pretrain_opt2.7b", "caption_coco_opt2.7b"})
    void savedIsWhatIsTrainedAndThePositions(String name) throws IOException {
        var list = list("blip2_opt__" + name);
        try (var scope = new PointerScope();
                var model = shape(ModelZoo.BLIP2_OPT, name).create(Devices.cpu())) {
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
